// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.stack.Installation;
import io.millrace.local.stack.ModelProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace networks}. */
@Command(
        name = "networks",
        description = "Lists the networks that are known by name, with their numbers for images of one shape.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class NetworksCommand implements Callable<Integer> {
    @Mixin
    private ImageOption image;

    @Mixin
    private StemOption stem;

    @Override
    public Integer call() throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "catalog",
                image.shape().toString(),
                Integer.toString(image.classes()),
                Integer.toString(image.batchSize())));
        stem.text().ifPresent(arguments::add);
        return Rehearsal.on()
                ? Rehearsal.WOULD_START
                : ModelProgram.summary(Installation.own()).run(arguments);
    }
}
