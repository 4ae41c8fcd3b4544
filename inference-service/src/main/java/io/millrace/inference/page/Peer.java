// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The services that the page asks through this one, and what it asks them; nothing else is passed on. */
enum Peer {
    DATASET(
            PageConfig::dataset,
            Call.get("/runs"),
            Call.get("/runs/{}"),
            Call.post("/runs"),
            Call.post("/runs/{}/(?:stop|resume|extend|priority)"),
            Call.delete("/runs/{}"),
            Call.get("/recipes"),
            Call.get("/datasets"),
            Call.get("/datasets/{}"),
            Call.upload("/datasets/{}"),
            Call.delete("/datasets/{}"),
            Call.post("/preview"),
            Call.post("/plan")),
    TRAINER(
            PageConfig::trainer,
            Call.get("/run"),
            Call.get("/workers"),
            Call.get("/networks"),
            Call.get("/networks/{}")),
    EVALUATOR(
            PageConfig::evaluator,
            Call.get("/leaderboard"),
            Call.get("/evaluations/{}"),
            Call.get("/evaluations/{}/(?:report|misclassified|confusion\\.png)"),
            Call.get("/evaluations/{}/misclassified/\\d{1,9}\\.png"),
            Call.get("/models"),
            Call.get("/models/{}"),
            Call.post("/models/{}/(?:promote|rollback|unpin|shadow)"),
            Call.delete("/models/{}/shadow"));

    /** Of all of them. */
    private static final List<Call> EVERY = List.of(Call.get("/system"), Call.get("/q/openapi"));

    private final Function<PageConfig, Optional<URI>> address;
    private final List<Call> calls;

    Peer(Function<PageConfig, Optional<URI>> address, Call... calls) {
        this.address = address;
        this.calls = Arrays.asList(calls);
    }

    /** As paths and settings have it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As people call it. */
    String service() {
        return label() + "-service";
    }

    Optional<URI> address(PageConfig config) {
        return address.apply(config);
    }

    /** What of this path the page asks. */
    List<Call> calls(String path) {
        return Stream.concat(calls.stream(), EVERY.stream())
                .filter(call -> call.isFor(path))
                .toList();
    }

    static Optional<Peer> of(String label) {
        return Arrays.stream(values())
                .filter(peer -> peer.label().equals(label))
                .findFirst();
    }
}
