package io.kpod.apiserver.kernelmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.window.TestAgent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import tools.jackson.databind.JsonNode;

/** Whatever comes, goes and comes again between the pages of a list: all of them together are the list at the first. */
class PagesUnderChurnTest {
    private static final String PODS = "/apis/kernelmetrics.kpod.io/v1beta1/pods";
    private static final int NAMES = 12;
    private static final int MOST_CHANGES = 3;
    private static final int MOST_PAGES = 8;

    /** Between two pages. */
    enum Change {
        COMES,
        GOES,
        /** Another pod of the same name. */
        IS_REPLACED,
        /** Only time passes, and numbers change. */
        LIVES_ON
    }

    /** What happens to the pod of a number. */
    record Event(Change change, int pod) {}

    /** A page, and what happens after it. */
    record Turn(int limit, List<Event> events) {}

    @Property(tries = 60)
    void aListIsOfItsFirstMoment(
            @ForAll @IntRange(max = NAMES) int atFirst, @ForAll("turns") List<Turn> turns, @ForAll boolean selected)
            throws Exception {
        try (TestApi api = new TestApi()) {
            World world = new World(api);
            for (int i = 0; i < atFirst; i++) {
                world.apply(new Event(Change.COMES, i * 5 % NAMES));
            }
            List<String> expected = List.copyOf(world.uids());
            String query = PODS + "?" + (selected ? "labelSelector=app&" : "");
            List<String> seen = new ArrayList<>();
            String revision = "";
            String token = "";
            for (int page = 0; page == 0 || !token.isEmpty(); page++) {
                Turn turn = page < turns.size() ? turns.get(page) : new Turn(2, List.of());
                JsonNode answer = api.json(query + "limit=" + turn.limit() + "&continue=" + token);
                List<String> uids = uids(answer);
                assertThat(uids)
                        .as("page %s: %s", page, answer.at("/message"))
                        .hasSizeBetween(expected.isEmpty() ? 0 : 1, turn.limit());
                seen.addAll(uids);
                token = answer.at("/metadata/continue").asString("");
                assertThat(token.isEmpty()).isEqualTo(seen.size() == expected.size());
                if (!selected) {
                    assertThat(answer.at("/metadata/remainingItemCount").asInt(0))
                            .isEqualTo(expected.size() - seen.size());
                }
                String said = answer.at("/metadata/resourceVersion").asString();
                assertThat(said).isEqualTo(page == 0 ? said : revision);
                revision = said;
                turn.events().forEach(world::apply);
            }
            assertThat(seen).containsExactlyElementsOf(expected);
            assertThat(uids(api.json(query))).containsExactlyElementsOf(world.uids());
        }
    }

    @Provide
    Arbitrary<List<Turn>> turns() {
        Arbitrary<Event> event = Combinators.combine(
                        Arbitraries.of(Change.class), Arbitraries.integers().between(0, NAMES - 1))
                .as(Event::new);
        return Combinators.combine(
                        Arbitraries.integers().between(1, 4), event.list().ofMaxSize(MOST_CHANGES))
                .as(Turn::new)
                .list()
                .ofMaxSize(MOST_PAGES);
    }

    private static List<String> uids(JsonNode list) {
        List<String> uids = new ArrayList<>();
        list.at("/items").forEach(item -> uids.add(item.at("/metadata/uid").asString()));
        return uids;
    }

    /** The pods that there are, by name as a list has them. */
    private static final class World {
        private final TestApi api;
        private final TestAgent agent = new TestAgent("n1");
        private final TreeMap<String, Here> pods = new TreeMap<>();
        private int born;

        private record Here(String uid, TestAgent.Container container) {}

        World(TestApi api) {
            this.api = api;
        }

        Collection<String> uids() {
            return pods.values().stream().map(Here::uid).toList();
        }

        void apply(Event event) {
            String name = "p%02d".formatted(event.pod());
            switch (event.change()) {
                case COMES -> {
                    if (!pods.containsKey(name)) {
                        comes(namespace(event), name);
                    }
                }
                case GOES -> {
                    if (pods.containsKey(name)) {
                        goes(namespace(event), name);
                    }
                }
                case IS_REPLACED -> {
                    if (pods.containsKey(name)) {
                        goes(namespace(event), name);
                        comes(namespace(event), name);
                    }
                }
                case LIVES_ON -> pods.values().forEach(here -> here.container().count(7, 0, 0, 0));
            }
            api.push(agent);
        }

        /** So that names rise with namespaces, as the order of a list is. */
        private static String namespace(Event event) {
            return event.pod() < NAMES / 2 ? "a" : "b";
        }

        private void comes(String namespace, String name) {
            String uid = "u-" + name + "-" + born++;
            api.cluster.pod(namespace, name, uid, "n1", Map.of("app", name));
            TestAgent.Container container = agent.start(namespace, name, uid, "app");
            container.count(100, 0, 0, 0);
            pods.put(name, new Here(uid, container));
        }

        private void goes(String namespace, String name) {
            Here gone = pods.remove(name);
            api.cluster.remove(namespace, name, gone.uid());
            gone.container().end();
        }
    }
}
