/** Strict configuration of both programs: typed keys from a YAML file, the environment and the command line. */
@NullMarked
package io.kpod.configuration;

import org.jspecify.annotations.NullMarked;
