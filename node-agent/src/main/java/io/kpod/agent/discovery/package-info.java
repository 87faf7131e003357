/** Which pods are on this node: from the Kubernetes API, or from the machine itself. */
@NullMarked
package io.kpod.agent.discovery;

import org.jspecify.annotations.NullMarked;
