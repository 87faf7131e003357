package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;

/** Looks at one thing of an installation. */
interface Check {
    /** What it looks at, for the line that says that it could not. */
    String subject();

    /**
     * What is not as it should be.
     *
     * @throws KubernetesClientException if the kube-apiserver refuses or can't be reached
     */
    List<Finding> look(Installed installed);
}
