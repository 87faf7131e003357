package io.kpod.apiserver.authz;

import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Reason;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What a request asks for, in Kubernetes' terms (apiserver pkg/endpoints/request RequestInfoFactory). Of a request for
 * no resource only {@code path} and {@code verb} are set.
 *
 * @param path decoded
 * @param verb get, list, watch, create, update, patch, delete, deletecollection; for no resource the method in lower
 *     case
 * @param labelSelector as it was written; of list and watch only
 */
public record RequestInfo(
        boolean isResource,
        String path,
        String verb,
        String group,
        String version,
        String namespace,
        String resource,
        String subresource,
        String name,
        String labelSelector,
        String fieldSelector) {
    private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");
    private static final Set<String> COLLECTION_VERBS = Set.of("list", "watch", "deletecollection");
    private static final String NAME_FIELD = "metadata.name";

    /**
     * Reads a request.
     *
     * @param rawPath as sent, still percent-encoded
     * @param query the first value of a query parameter
     * @throws StatusException 400 for a path that a router could read differently: empty, dot or slash-holding segments
     */
    public static RequestInfo of(String method, String rawPath, Function<String, Optional<String>> query) {
        List<String> parts = segments(rawPath);
        String path = "/" + String.join("/", parts) + (rawPath.length() > 1 && rawPath.endsWith("/") ? "/" : "");
        boolean groups = !parts.isEmpty() && parts.getFirst().equals("apis");
        boolean core = !parts.isEmpty() && parts.getFirst().equals("api");
        if (!(groups && parts.size() >= 4 || core && parts.size() >= 3)) {
            return new RequestInfo(false, path, method.toLowerCase(Locale.ROOT), "", "", "", "", "", "", "", "");
        }
        String group = groups ? parts.get(1) : "";
        String version = parts.get(groups ? 2 : 1);
        List<String> rest = parts.subList(groups ? 3 : 2, parts.size());
        String namespace = "";
        if (rest.getFirst().equals("namespaces") && rest.size() > 1) {
            namespace = rest.get(1);
            if (rest.size() > 2 && !NAMESPACE_SUBRESOURCES.contains(rest.get(2))) {
                rest = rest.subList(2, rest.size());
            }
        }
        String resource = rest.getFirst();
        String name = rest.size() > 1 ? rest.get(1) : "";
        String subresource = rest.size() > 2 ? rest.get(2) : "";
        String verb = verb(method, name.isEmpty(), query);
        boolean collection = COLLECTION_VERBS.contains(verb);
        String fields = collection ? query.apply("fieldSelector").orElse("") : "";
        return new RequestInfo(
                true,
                path,
                verb,
                group,
                version,
                namespace,
                resource,
                subresource,
                name.isEmpty() ? nameOf(fields) : name,
                collection ? query.apply("labelSelector").orElse("") : "",
                fields);
    }

    /** To get any of a namespace's objects by name. */
    public static RequestInfo get(String group, String version, String namespace, String resource) {
        return new RequestInfo(
                true,
                "/apis/" + group + "/" + version + "/namespaces/" + namespace + "/" + resource,
                "get",
                group,
                version,
                namespace,
                resource,
                "",
                "",
                "",
                "");
    }

    private static String verb(String method, boolean collection, Function<String, Optional<String>> query) {
        return switch (method) {
            case "GET", "HEAD" -> {
                if (!collection) {
                    yield "get";
                }
                yield query.apply("watch").filter(RequestInfo::isTrue).isPresent() ? "watch" : "list";
            }
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> collection ? "deletecollection" : "delete";
            default -> "";
        };
    }

    /** Every value but these is true, as in apimachinery's conversion of query parameters. */
    private static boolean isTrue(String value) {
        return !value.equals("0") && !value.equalsIgnoreCase("false");
    }

    /** {@code metadata.name=x} in a field selector asks for the object x. */
    private static String nameOf(String fieldSelector) {
        for (String term : fieldSelector.split(",")) {
            String[] sides = term.split("==?", 2);
            if (sides.length == 2 && sides[0].equals(NAME_FIELD) && isName(sides[1])) {
                return sides[1];
            }
        }
        return "";
    }

    private static boolean isName(String value) {
        return !value.isEmpty()
                && !value.equals(".")
                && !value.equals("..")
                && value.indexOf('/') < 0
                && value.indexOf('%') < 0;
    }

    private static List<String> segments(String rawPath) {
        if (rawPath.equals("/")) {
            return List.of();
        }
        String trimmed = rawPath.endsWith("/") ? rawPath.substring(1, rawPath.length() - 1) : rawPath.substring(1);
        List<String> segments = new ArrayList<>();
        for (String raw : trimmed.split("/", -1)) {
            String segment = decoded(raw, rawPath);
            if (segment.isEmpty()
                    || segment.equals(".")
                    || segment.equals("..")
                    || segment.chars().anyMatch(c -> c == '/' || c == ';' || Character.isISOControl(c))) {
                throw ambiguous(rawPath, raw);
            }
            segments.add(segment);
        }
        return segments;
    }

    private static String decoded(String raw, String rawPath) {
        try {
            return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ambiguous(rawPath, raw);
        }
    }

    private static StatusException ambiguous(String rawPath, String segment) {
        return new StatusException(
                Reason.BAD_REQUEST,
                "path \"" + rawPath + "\": segment \"" + segment
                        + "\" is empty, a dot, badly encoded or holds a slash, semicolon or control character; write the path plainly");
    }
}
