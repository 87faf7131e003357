package io.kpod.apiserver;

import io.kpod.apiserver.doctor.Doctor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code kpod} of the image: what people, not the cluster, start. */
@Command(
        name = "kpod",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Kernel metrics of pods.",
        subcommands = Doctor.class)
public final class Kpod implements Runnable {
    /** The image has no shell: {@code kpod} is a script whose interpreter is java, and the kernel adds its path. */
    @Option(names = "--script", hidden = true)
    private @Nullable String script;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    /** Runs a command and exits with its code. */
    public static void main(String[] arguments) {
        Log.configure();
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Kpod()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "which command? doctor");
        }
    }
}
