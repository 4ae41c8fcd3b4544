// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Convolution;
import io.millrace.model.network.Held;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Weight;
import io.millrace.model.network.Window;
import java.util.List;

/** A convolution that is computed in a way of its own: the same mathematics, weights and summary. */
interface ConvolutionForm extends Layer {
    /** What it computes. */
    Convolution of();

    @Override
    default String kind() {
        return of().kind();
    }

    @Override
    default String name() {
        return of().name();
    }

    @Override
    default List<Weight> weights() {
        return of().weights();
    }

    @Override
    default List<Held> held() {
        return of().held();
    }

    @Override
    default Shape output(List<Shape> inputs) {
        return of().output(inputs);
    }

    @Override
    default long multiplyAdds(Shape input, Shape output) {
        return of().multiplyAdds(input, output);
    }

    @Override
    default Window window(Shape input) {
        return of().window();
    }
}
