import io.kpod.apiserver.window.PodName;
import java.math.BigInteger;
import java.util.Random;

/**
 * A pod of a cluster in which a namespace has 500: two Deployments of 100 and thirty of 10.
 *
 * @param number from 0 on; a node has {@link SimulatedNode#PODS} in a row
 */
record SimulatedPod(int number, int namespaces) {
    static final int PER_NAMESPACE = 500;
    static final int LARGE = 100;
    static final int LARGE_ONES = 2;
    private static final int SMALL = 10;

    String namespace() {
        return "team-" + number % namespaces;
    }

    String deployment() {
        int within = number / namespaces;
        return within < LARGE_ONES * LARGE ? "storefront-" + within / LARGE : "service-" + (within - LARGE_ONES * LARGE) / SMALL;
    }

    String replicaSet() {
        return deployment() + "-" + hash();
    }

    PodName name() {
        return new PodName(namespace(), replicaSet() + "-" + String.format("%05x", number));
    }

    String uid() {
        return String.format("%08x-7a1c-4d2e-9b3f-%012x", number * 0x9E3779B9, number);
    }

    String containerId() {
        return String.format("%064x", new BigInteger(250, new Random(number)));
    }

    String hash() {
        return String.format("%09x", (deployment().hashCode() * 0x9E3779B97F4AL) & 0xfffffffffL);
    }
}
