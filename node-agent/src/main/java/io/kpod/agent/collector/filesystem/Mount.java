package io.kpod.agent.collector.filesystem;

/**
 * A mount of a filesystem that may hold data.
 *
 * @param device its device, as {@link MountTable#device} writes major and minor number in one
 * @param whole whether the filesystem's root is mounted, not a directory of it
 * @param mountPoint as the processes of the mount namespace see it
 */
record Mount(long device, boolean whole, String mountPoint) {
    private static final String VOLUMES = "/volumes/";
    private static final String PODS = "/pods/";

    /**
     * The plugin of the pod's volume that it is: {@code empty-dir} in {@code
     * /var/lib/kubelet/pods/UID/volumes/kubernetes.io~empty-dir/NAME}; empty if it is none.
     */
    String plugin() {
        int volumes = volumes();
        if (volumes < 0) {
            return "";
        }
        int begin = volumes + VOLUMES.length();
        int tilde = mountPoint.indexOf('~', begin);
        int end = mountPoint.indexOf('/', begin);
        return tilde < 0 || end < tilde ? "" : mountPoint.substring(tilde + 1, end);
    }

    /** The uid of the pod whose volume it is; empty if it is none. */
    String podUid() {
        int volumes = volumes();
        return volumes < 0 ? "" : mountPoint.substring(mountPoint.lastIndexOf('/', volumes - 1) + 1, volumes);
    }

    /** Where the pod's directory of volumes begins in the path; -1: it is not below one. */
    private int volumes() {
        int pods = mountPoint.indexOf(PODS);
        int volumes = pods < 0 ? -1 : mountPoint.indexOf(VOLUMES, pods + PODS.length());
        return volumes < 0 || mountPoint.indexOf('/', pods + PODS.length()) != volumes ? -1 : volumes;
    }
}
