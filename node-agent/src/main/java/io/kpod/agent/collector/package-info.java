/** What every collector is: a state, metrics, and readings of slots. One package a family. */
@NullMarked
package io.kpod.agent.collector;

import org.jspecify.annotations.NullMarked;
