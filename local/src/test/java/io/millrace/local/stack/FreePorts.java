// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.test.TestPorts;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Ports for a test's own stack, which no test beside it gets. */
public final class FreePorts {
    private FreePorts() {}

    public static Ports find() {
        Ports first = new Ports(1);
        IntStream services = Stream.of(Part.values())
                .flatMapToInt(part -> part == Part.BROKER
                        ? IntStream.of(first.of(part))
                        : IntStream.of(first.of(part), first.management(part)));
        return new Ports(TestPorts.base(IntStream.concat(services, IntStream.of(first.grpc(), first.controller()))
                .map(port -> port - first.base())
                .toArray()));
    }
}
