/**
 * What somebody may do: the kube-apiserver decides (SubjectAccessReview), but for the few things that are always so.
 */
@NullMarked
package io.kpod.apiserver.authz;

import org.jspecify.annotations.NullMarked;
