/** The OpenAPI documents, made from the same records that answers are made of. */
@NullMarked
package io.kpod.apiserver.openapi;

import org.jspecify.annotations.NullMarked;
