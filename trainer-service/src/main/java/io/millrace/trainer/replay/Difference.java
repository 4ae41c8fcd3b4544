// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.replay;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How far tensors are from those that were stored.
 *
 * @param largest absolute difference of two elements; not a number where one of them is none
 * @param where the tensor in which that is
 * @param relative L2 norm of all differences over that of all stored elements
 * @param tensors how many of them differ
 * @param unlike tensors that are not of the same name, type and shape, and so cannot be compared
 */
record Difference(double largest, String where, double relative, int tensors, List<String> unlike) {
    Difference {
        unlike = List.copyOf(unlike);
    }

    /**
     * Compares by name; whatever has other bits differs.
     *
     * @return empty where all bits are the same
     */
    static Optional<Difference> of(List<Tensor> stored, List<Tensor> again) {
        Map<String, Tensor> before = byName(stored);
        Map<String, Tensor> after = byName(again);
        TreeSet<String> unlike = new TreeSet<>();
        double largest = 0;
        String where = null;
        double squares = 0;
        double norm = 0;
        int tensors = 0;
        for (Tensor old : stored) {
            Tensor now = after.get(old.name());
            if (now == null || now.dtype() != old.dtype() || !now.shape().equals(old.shape())) {
                unlike.add(old.name());
                continue;
            }
            boolean same = now.data().equals(old.data());
            tensors += same ? 0 : 1;
            if (old.dtype() != DType.F32) {
                if (!same) {
                    unlike.add(old.name());
                }
                continue;
            }
            FloatBuffer a = old.data().asFloatBuffer();
            FloatBuffer b = now.data().asFloatBuffer();
            for (int k = 0; k < a.limit(); k++) {
                double distance = Math.abs((double) b.get(k) - a.get(k));
                squares += distance * distance;
                norm += (double) a.get(k) * a.get(k);
                // Not a number is above everything.
                if (!same && (where == null || Double.compare(distance, largest) > 0)) {
                    largest = distance;
                    where = old.name();
                }
            }
        }
        after.keySet().stream().filter(name -> !before.containsKey(name)).forEach(unlike::add);
        if (tensors == 0 && unlike.isEmpty()) {
            return Optional.empty();
        }
        double relative = squares == 0 ? 0 : Math.sqrt(squares) / Math.sqrt(norm);
        return Optional.of(new Difference(largest, where, relative, tensors, List.copyOf(unlike)));
    }

    private static Map<String, Tensor> byName(List<Tensor> tensors) {
        Map<String, Tensor> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        return byName;
    }

    /** For people. */
    String said() {
        String unlikeSaid = unlike.isEmpty() ? "" : "not the same tensors: " + String.join(", ", unlike);
        String far = where == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "at most %.3g in %s, relative %.3g, in %d %s",
                        largest,
                        where,
                        relative,
                        tensors,
                        tensors == 1 ? "tensor" : "tensors");
        return far + (far.isEmpty() || unlikeSaid.isEmpty() ? "" : "; ") + unlikeSaid;
    }
}
