/** Who is asking: front proxy, client certificate, bearer token, or nobody (apiserver pkg/authentication). */
@NullMarked
package io.kpod.apiserver.authn;

import org.jspecify.annotations.NullMarked;
