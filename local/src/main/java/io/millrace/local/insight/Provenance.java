// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import static io.millrace.local.insight.Html.escaped;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run was made of and by: enough to know it again, and to order it again. */
final class Provenance {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Findings findings;

    Provenance(Findings findings) {
        this.findings = findings;
    }

    /** Recipe, network and lineage, as sections of a page. */
    String html() {
        RunSpec run = findings.record().run();
        StringBuilder list = new StringBuilder();
        facts().forEach((name, value) -> list.append("<dt>")
                .append(escaped(name))
                .append("</dt><dd>")
                .append(escaped(value))
                .append("</dd>\n"));
        return "<h2>Recipe and network</h2>\n<div class=\"sides\">\n<div class=\"card\"><pre>"
                + escaped(json(run.recipe())) + "</pre></div>\n<div class=\"card\"><pre>" + escaped(json(run.network()))
                + "</pre></div>\n</div>\n<h2>Lineage</h2>\n<div class=\"card\"><dl>\n" + list + "</dl></div>\n";
    }

    private static String json(Object described) {
        try {
            return JSON.readTree(new String(EventCodec.encode(described), UTF_8))
                    .toPrettyString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was written as JSON is JSON", e);
        }
    }

    /** In their order, without those of which nothing is known. */
    Map<String, String> facts() {
        RunSpec run = findings.record().run();
        RunStatus status = findings.record().status();
        CheckpointRef checkpoint = findings.evaluation().checkpoint();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("ordered", run.createdAt().toString());
        facts.put("incarnation", run.incarnation());
        facts.put("seed", Long.toString(run.seed()));
        facts.put(
                "steps",
                String.format(
                        Locale.ROOT,
                        "%,d, %,d an epoch, batches of %d on %d %s",
                        run.steps(),
                        run.batchesPerEpoch(),
                        run.recipe().batchSize(),
                        run.shards(),
                        run.shards() == 1 ? "shard" : "shards"));
        facts.put("data set", TerminalReport.dataset(run.dataset()));
        facts.put("digest of the data", run.dataset().digest());
        put(facts, "digest of the test split", findings.evaluation().testDigest());
        if (run.dataset().validation() != null) {
            facts.put(
                    "validation split",
                    run.dataset().validation().samples() + " images, digest "
                            + run.dataset().validation().digest());
        }
        facts.put("starts from", start(run, status));
        if (status != null && status.compute() != null) {
            facts.put("computed by", compute(status.compute()));
        }
        facts.put("checkpoint", checkpoint.checkpointId());
        facts.put("its file", checkpoint.uri() + ", " + String.format(Locale.ROOT, "%,d bytes", checkpoint.size()));
        facts.put("its SHA-256", checkpoint.sha256());
        facts.put("scored", findings.evaluation().evaluatedAt().toString());
        put(facts, "scored by", findings.evaluation().engine());
        put(facts, "ended because", status == null ? null : status.reason());
        return facts;
    }

    private static void put(Map<String, String> facts, String name, String value) {
        if (value != null) {
            facts.put(name, value);
        }
    }

    private static String start(RunSpec run, RunStatus status) {
        if (run.start() == null) {
            return "fresh weights";
        }
        List<String> adaptations = status == null || status.adaptations() == null ? List.of() : status.adaptations();
        String digest =
                run.start().sha256() == null ? "" : ", SHA-256 " + run.start().sha256();
        return run.start().weights() + digest + (adaptations.isEmpty() ? "" : "; " + String.join("; ", adaptations));
    }

    private static String compute(Compute compute) {
        return compute.engine() + " on " + compute.processor() + ", " + compute.threads() + " threads, "
                + compute.precision().name().toLowerCase(Locale.ROOT)
                + (compute.channelsLast() ? ", channels last" : "");
    }
}
