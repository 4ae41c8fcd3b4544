// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.evaluator.score.TestSplits;
import io.millrace.model.Torch;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The service's first and last moments. */
@Singleton
class EvaluatorStart {
    private final String bootstrapServers;
    private final EvaluatorConfig config;
    private final CheckpointsConfig checkpoints;

    EvaluatorStart(
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers,
            EvaluatorConfig config,
            CheckpointsConfig checkpoints) {
        this.bootstrapServers = bootstrapServers;
        this.config = config;
        this.checkpoints = checkpoints;
    }

    void start(@Observes StartupEvent event, LogFollower follower) {
        Torch.start();
        Log.infof(
                "Starting. kafka.bootstrap.servers=%s millrace.checkpoints.dir=%s keepBest=%d keepNewest=%d"
                        + " testSplitTimeout=%s testSplitsKept=%d misclassifiedKept=%d engine=\"%s\"",
                bootstrapServers,
                checkpoints.dir().toAbsolutePath().normalize(),
                config.keepBest(),
                config.keepNewest(),
                config.testSplitTimeout(),
                config.testSplitsKept(),
                config.misclassifiedKept(),
                Torch.description());
        follower.start();
    }

    void stop(@Observes ShutdownEvent event, LogFollower follower, TestSplits splits) {
        follower.close();
        splits.close();
    }
}
