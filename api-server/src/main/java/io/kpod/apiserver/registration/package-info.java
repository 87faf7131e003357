/** Our entries in the kube-aggregator. */
@NullMarked
package io.kpod.apiserver.registration;

import org.jspecify.annotations.NullMarked;
