/** The documents that tell clients which groups, versions and resources there are. */
@NullMarked
package io.kpod.apiserver.discovery;

import org.jspecify.annotations.NullMarked;
