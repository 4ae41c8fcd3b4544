// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Network;
import io.millrace.local.stack.Installation;
import io.millrace.local.stack.ModelProgram;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace summary}. */
@Command(
        name = "summary",
        description = "Says what a network is made of, layer by layer, for images of one shape.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class SummaryCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME|FILE.json", description = "The network, as --network says it")
    private String name;

    @Mixin
    private NetworkOption network;

    @Mixin
    private ImageOption image;

    @Override
    public Integer call() throws InterruptedException {
        Network shown = network.of(name, image.shape(), image.classes());
        List<String> arguments = List.of(
                "summary",
                image.shape().toString(),
                Integer.toString(image.batchSize()),
                new String(EventCodec.encode(shown), UTF_8));
        return Rehearsal.on()
                ? Rehearsal.WOULD_START
                : ModelProgram.summary(Installation.own()).run(arguments);
    }
}
