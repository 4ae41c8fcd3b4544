// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.local.Refusal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpaceTest {
    private static final Range RATE = Range.of("--rate", "0.003:0.3");
    private static final Space SPACE =
            new Space(RATE, Range.of("--decay", "1e-5:1e-2"), Optional.of(Range.of("--augmentation", "0:2")));

    private static ObjectNode json(String text) throws Exception {
        return (ObjectNode) JsonMapper.builder().build().readTree(text);
    }

    @Test
    void aSeedDrawsTheSameAlways() {
        assertThat(SPACE.draw(1, 2))
                .isEqualTo(SPACE.draw(1, 2))
                .isNotEqualTo(SPACE.draw(2, 2))
                .as("what is drawn today, pinned: a search goes on after an update")
                .hasToString("[Values[learningRate=0.0408, weightDecay=0.00173, augmentation=Optional[1.94]],"
                        + " Values[learningRate=0.0232, weightDecay=2.15E-4, augmentation=Optional[1.53]]]");
    }

    @Test
    void moreTrialsBeginWithTheSameAndARangeThatIsFixedMovesNoOther() {
        assertThat(SPACE.draw(7, 20).subList(0, 5)).isEqualTo(SPACE.draw(7, 5));
        Space fixed = new Space(RATE, Range.of("--decay", "0"), Optional.empty());
        assertThat(fixed.draw(7, 5))
                .extracting(Values::learningRate)
                .isEqualTo(SPACE.draw(7, 5).stream().map(Values::learningRate).toList());
        assertThat(fixed.draw(7, 5)).extracting(Values::weightDecay).containsOnly(0.0);
    }

    @Test
    void eachPowerOfTenIsDrawnAlike() {
        List<Double> rates =
                SPACE.draw(1, 10_000).stream().map(Values::learningRate).toList();

        assertThat(rates).allMatch(rate -> rate >= 0.003 && rate <= 0.3);
        assertThat(rates.stream().filter(rate -> rate < 0.03).count()).isBetween(4_700L, 5_300L);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0.3:0.003 | --rate 0.3:0.003 will not do; it must be a range from the least to the largest value: 0.003:0.3
            low:high  | --rate low:high will not do; it must be LOW:HIGH
            -1:1      | --rate -1:1 will not do; it must be LOW:HIGH
            0:1       | of numbers above 0: the values are drawn by their logarithm
            0.1:      | --rate 0.1: will not do
            """)
    void aRangeThatWillNotDoIsRefusedByItsOption(String text, String message) {
        assertThatThrownBy(() -> Range.of("--rate", text).positive("--rate"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(message);
    }

    @Test
    void theValuesStandInTheRecipe() throws Exception {
        ObjectNode sparse = json("{\"name\": \"accurate\", \"epochs\": 4}");

        ObjectNode drawn = new Values(0.02, 0.001, Optional.of(1.5)).in(sparse);

        assertThat(drawn)
                .hasToString("{\"name\":\"accurate\",\"epochs\":4,\"schedule\":{\"learningRate\":0.02},"
                        + "\"optimizer\":{\"weightDecay\":0.001},\"augmentation\":{\"shift\":3}}");
        Recipe recipe = Recipes.of(drawn);
        assertThat(recipe.schedule().learningRate()).isEqualTo(0.02);
        assertThat(recipe.optimizer().weightDecay()).isEqualTo(0.001);
        assertThat(recipe.augmentation()).isEqualTo(Augmentation.shifted(3));
        assertThat(sparse.has("schedule")).isFalse();
    }

    @Test
    void strengthIsThatOfWhateverCanBeMoreOrLessWithinItsBounds() throws Exception {
        ObjectNode sparse = json("""
                {"name": "textbook", "augmentation": {"shift": 0, "randomCrop": {"padding": 4, "paddingMode": "reflect"},
                 "randomAffine": {"degrees": 100, "translate": [0.1, 0.7], "scale": [0.8, 1.2], "shear": 5},
                 "randomResizedCrop": {"scale": [0.4, 1]}, "randomHorizontalFlip": {"p": 0.5},
                 "colorJitter": {"brightness": 0.4}, "randomErasing": {"p": 0.6}, "mixUp": {"alpha": 0.2}, "cutMix": {}}}
                """);

        Augmentation twice =
                Recipes.of(new Values(0.1, 0, Optional.of(2.0)).in(sparse)).augmentation();
        Augmentation none =
                Recipes.of(new Values(0.1, 0, Optional.of(0.0)).in(sparse)).augmentation();
        Augmentation same =
                Recipes.of(new Values(0.1, 0, Optional.of(1.0)).in(sparse)).augmentation();

        assertThat(same).isEqualTo(Recipes.of(sparse).augmentation());
        assertThat(twice.randomCrop().padding()).isEqualTo(8);
        assertThat(twice.randomCrop().paddingMode()).isEqualTo(Augmentation.PaddingMode.REFLECT);
        assertThat(twice.randomAffine().degrees()).isEqualTo(180);
        assertThat(twice.randomAffine().translate()).containsExactly(0.2, 1.0);
        assertThat(twice.randomAffine().scale()).containsExactly(0.6, 1.4);
        assertThat(twice.randomResizedCrop().scale()).containsExactly(0.01, 1.0);
        assertThat(twice.randomErasing().p()).isEqualTo(1);
        assertThat(twice.mixUp().alpha()).isEqualTo(0.4);
        assertThat(twice.randomHorizontalFlip().p()).isEqualTo(0.5);
        assertThat(none.randomCrop()).isNull();
        assertThat(none.mixes()).isFalse();
        assertThat(none.randomResizedCrop().scale()).containsExactly(1.0, 1.0);
        assertThat(none.colorJitter().brightness()).isZero();
        assertThat(none.randomErasing().p()).isZero();
    }
}
