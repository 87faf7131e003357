package io.kpod.apiserver;

import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One line an event on standard error: time, level, component, message. */
final class Log {
    /**
     * Libraries whose failures reach us as exceptions; held, for java.util.logging forgets a logger's level with the
     * logger.
     */
    private static final Map<Logger, Level> QUIET = Map.of(
            Logger.getLogger("org.eclipse.jetty"), Level.SEVERE,
            Logger.getLogger("io.fabric8"), Level.SEVERE,
            Logger.getLogger("com.github.benmanes.caffeine"), Level.SEVERE,
            Logger.getLogger("io.javalin"), Level.OFF);

    private Log() {}

    /** To be called before anything is logged. */
    static void configure() {
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n");
        QUIET.forEach(Logger::setLevel);
    }
}
