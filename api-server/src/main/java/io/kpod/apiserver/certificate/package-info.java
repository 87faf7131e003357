/** The server's own authority and the certificates it signs. */
@NullMarked
package io.kpod.apiserver.certificate;

import org.jspecify.annotations.NullMarked;
