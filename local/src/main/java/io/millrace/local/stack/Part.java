// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import java.util.List;

/** The processes of a stack. The services are stopped side by side, and then the broker, which they need for that. */
public enum Part {
    DATASET("dataset-service", 1, "512m"),
    TRAINER("trainer-service", 2, "768m"),
    EVALUATOR("evaluator-service", 3, "512m"),
    INFERENCE("inference-service", 0, "512m"),
    BROKER("kafka", 12, "512m");

    /** All but the broker. */
    public static final List<Part> SERVICES = List.of(DATASET, TRAINER, EVALUATOR, INFERENCE);

    private final String label;
    private final int portOffset;
    private final String heap;

    Part(String label, int portOffset, String heap) {
        this.label = label;
        this.portOffset = portOffset;
        this.heap = heap;
    }

    /** Its name: that of the module, the log file and the line on the terminal. */
    public String label() {
        return label;
    }

    int portOffset() {
        return portOffset;
    }

    /** The largest Java heap; tensors of the native library come on top. */
    String heap() {
        return heap;
    }
}
