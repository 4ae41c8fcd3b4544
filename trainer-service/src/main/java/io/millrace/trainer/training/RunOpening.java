// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.TopicAdmin;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import io.millrace.trainer.checkpoint.Resumption;
import io.millrace.trainer.consume.RunFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The begin of a run's training: where it stands, and a learner that stands there. For the training thread. */
final class RunOpening {
    private static final Logger LOGGER = Logger.getLogger(RunOpening.class);

    private final RunSpec run;
    private final Workshop workshop;

    private RunOpening(RunSpec run, Workshop workshop) {
        this.run = run;
        this.workshop = workshop;
    }

    /**
     * What a run is trained with.
     *
     * @param learner to be closed by whoever opened
     * @param resumption where it goes on, without the tensors: they are in the learner, twice they are too large
     */
    record Opened(Learner learner, Optional<Resumption> resumption) {}

    /**
     * Waits for broker and store as long as it takes.
     *
     * @return empty when the process is to stop before
     * @throws RunFailedException when the run was tried too often
     */
    static Optional<Opened> open(RunSpec run, Workshop workshop) throws InterruptedException, RunFailedException {
        return new RunOpening(run, workshop).open();
    }

    private Optional<Opened> open() throws InterruptedException, RunFailedException {
        Optional<Optional<Resumption>> found = workshop.patience().attempt("open run " + run.runId(), () -> {
            TopicAdmin.ensure(workshop.settings().reader().bootstrapServers(), Map.of(Topic.BATCHES, run.shards()));
            return Resumption.find(workshop.store(), run);
        });
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Optional<Optional<String>> deaths = workshop.patience()
                .attempt(
                        "read how run " + run.runId() + " died before",
                        () -> Deaths.tooMany(workshop.settings().store().resolve(run.runId())));
        if (deaths.isPresent() && deaths.get().isPresent()) {
            throw new RunFailedException(deaths.get().get());
        }
        Optional<Resumption> resumption = found.get();
        return workshop.patience()
                .attempt("hand run " + run.runId() + " to PyTorch", () -> learner(resumption))
                .map(learner -> new Opened(learner, resumption.map(Resumption::withoutTensors)));
    }

    private Learner learner(Optional<Resumption> resumption) throws IOException {
        Learner learner = handOver(resumption);
        LOGGER.infof(
                "Run %s. runId=%s step=%d steps=%d network=%s precision=%s",
                resumption.isPresent() ? "resumes" : "begins",
                run.runId(),
                resumption.map(Resumption::step).orElse(0L),
                run.steps(),
                run.network().name(),
                learner.precision());
        return learner;
    }

    private Learner handOver(Optional<Resumption> resumption) throws IOException {
        try {
            return resumption.isPresent()
                    ? restored(resumption.get())
                    : Learner.create(run.network(), run.dataset().normalization(), run.recipe(), run.seed());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Learner restored(Resumption from) {
        Precision here = Torch.resolve(run.recipe().precision());
        if (from.precision() != here) {
            LOGGER.warnf(
                    "The run keeps the precision that it began with, which is not what %s means on this machine. runId=%s precision=%s here=%s",
                    run.recipe().precision(), run.runId(), from.precision(), here);
        }
        return Learner.restored(
                run.network(),
                run.dataset().normalization(),
                run.recipe(),
                from.precision(),
                from.weights(),
                from.optimizer());
    }
}
