/** Which pods are on this node: from the Kubernetes API, from the kubelet, or from the machine itself. */
@NullMarked
package io.kpod.agent.discovery;

import org.jspecify.annotations.NullMarked;
