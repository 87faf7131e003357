/**
 * Which objects the API has and when each last changed: what lists are consistent by and watches are made of. There is
 * no queue per watcher and no copy of an object: a watcher holds one revision, and asks for what is new since then.
 */
@NullMarked
package io.kpod.apiserver.change;

import org.jspecify.annotations.NullMarked;
