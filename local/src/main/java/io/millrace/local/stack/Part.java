// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import java.util.List;
import java.util.stream.Stream;

/** The processes of a stack. The services are stopped side by side, and then the broker, which they need for that. */
public enum Part {
    DATASET("dataset-service", 1, "512m", 24),
    TRAINER("trainer-service", 2, "768m", 24),
    EVALUATOR("evaluator-service", 3, "512m", 24),
    INFERENCE("inference-service", 0, "512m", 48),
    BROKER("kafka", 12, "512m", 24),
    TRAINER_2(TRAINER, 2, 4),
    TRAINER_3(TRAINER, 3, 5),
    TRAINER_4(TRAINER, 4, 6),
    TRAINER_5(TRAINER, 5, 7),
    TRAINER_6(TRAINER, 6, 8),
    TRAINER_7(TRAINER, 7, 9),
    TRAINER_8(TRAINER, 8, 10);

    /** All but the broker, of a stack with one worker. */
    public static final List<Part> SERVICES = List.of(DATASET, TRAINER, EVALUATOR, INFERENCE);

    /** All of a stack with one worker. */
    public static final List<Part> ALL = List.of(DATASET, TRAINER, EVALUATOR, INFERENCE, BROKER);

    private static final List<Part> WORKERS =
            List.of(TRAINER, TRAINER_2, TRAINER_3, TRAINER_4, TRAINER_5, TRAINER_6, TRAINER_7, TRAINER_8);

    /** So many workers may a stack have. */
    public static final int MOST_WORKERS = WORKERS.size();

    private final String label;
    private final String module;
    private final int portOffset;
    private final String heap;
    private final int youngMib;

    Part(String label, int portOffset, String heap, int youngMib) {
        this(label, label, portOffset, heap, youngMib);
    }

    /** One more of a service. */
    Part(Part first, int number, int portOffset) {
        this(first.label + "-" + number, first.module, portOffset, first.heap, first.youngMib);
    }

    Part(String label, String module, int portOffset, String heap, int youngMib) {
        this.label = label;
        this.module = module;
        this.portOffset = portOffset;
        this.heap = heap;
        this.youngMib = youngMib;
    }

    /** The trainers of a stack with so many, the first one first. */
    public static List<Part> workers(int count) {
        return WORKERS.subList(0, count);
    }

    /** All of a stack with so many workers. */
    public static List<Part> all(int workers) {
        return Stream.concat(ALL.stream(), workers(workers).stream().skip(1)).toList();
    }

    /** Its name: that of the log file and the line on the terminal. */
    public String label() {
        return label;
    }

    /** The module whose program it runs. */
    String module() {
        return module;
    }

    /** Whether it is one of the trainers. */
    public boolean isTrainer() {
        return WORKERS.contains(this);
    }

    int portOffset() {
        return portOffset;
    }

    /** The largest Java heap; tensors of the native library come on top. */
    String heap() {
        return heap;
    }

    /**
     * The part of the heap for new objects, in MiB. Java would take a 64th of the machine's memory to begin with, a third of
     * that for new objects, and use up all of it before it looks whether any are still needed. What answers requests gets
     * more, since each look is a pause.
     */
    int youngMib() {
        return youngMib;
    }
}
