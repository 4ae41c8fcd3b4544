// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.RunSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which run: {@code RUN}. */
final class RunParameter {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Parameters(arity = "1", paramLabel = "RUN", description = "The id of a run; ./millrace runs lists them")
    private String runId;

    /**
     * Its id.
     *
     * @throws ParameterException when no run can have it
     */
    String id() {
        if (!RunSpec.RUN_ID.matcher(runId).matches()) {
            throw new ParameterException(
                    command.commandLine(),
                    "RUN \"" + runId + "\" will not do; it must be the id of a run, which ./millrace runs lists");
        }
        return runId;
    }

    /** Where dataset-service answers for it. */
    String path() {
        return "/runs/" + id();
    }
}
