// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.Refusal;
import io.millrace.local.tune.Course.Figure;
import io.millrace.local.tune.Halving.Rung;
import io.millrace.local.tune.Halving.Standing;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalvingTest {
    private static final Halving FOUR = Halving.of(4, 2, 2, null);

    private static Course course(double... accuracies) {
        return new Course(
                Arrays.stream(accuracies).mapToObj(each -> new Figure(each, 1)).toList(), Optional.empty());
    }

    private static Course failed(double... accuracies) {
        return new Course(course(accuracies).figures(), Optional.of("loss is NaN"));
    }

    @Test
    void aThirdGoesOnForThreeTimesTheEpochs() {
        Halving halving = Halving.of(9, 9, 3, null);

        assertThat(halving.rungs()).containsExactly(new Rung(9, 1), new Rung(3, 3), new Rung(1, 9));
        assertThat(halving.epochs()).isEqualTo(9 + 3 * 2 + 6);
    }

    @Test
    void whatDoesNotDivideIsRoundedDownAndTheLastRungIsTheWholeRun() {
        assertThat(Halving.of(8, 10, 3, null).rungs()).containsExactly(new Rung(8, 3), new Rung(2, 10));
        assertThat(Halving.of(30, 10, 3, null).rungs())
                .containsExactly(new Rung(30, 1), new Rung(10, 3), new Rung(3, 10));
        assertThat(Halving.of(30, 10, 3, 2).rungs()).containsExactly(new Rung(30, 3), new Rung(10, 10));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 | 9 | 3 |   | --trials 1 will not do; it must be at least 2
            2 | 9 | 3 |   | --trials 2 will not do; it must be at least --eta, which is 3
            4 | 9 | 1 |   | --eta 1 will not do; it must be at least 2
            9 | 2 | 3 |   | --epochs 2 will not do; it must be at least --eta, which is 3
            9 | 9 | 3 | 4 | --rungs 4 will not do; it must be a whole number from 2 to 3
            9 | 9 | 3 | 1 | --rungs 1 will not do; it must be a whole number from 2 to 3
            """)
    void aBudgetThatDoesNotFitIsRefusedByItsOption(int trials, int epochs, int eta, Integer rungs, String message) {
        assertThatThrownBy(() -> Halving.of(trials, epochs, eta, rungs))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void nobodyGoesOnBeforeAllHaveReachedARung() {
        Standing standing = FOUR.standing(List.of(course(0.5), course(0.9), course(), course(0.7)));

        assertThat(standing).isEqualTo(new Standing(0, List.of(0, 1, 2, 3), false));
    }

    @Test
    void theBestGoOnAndTheBestOfThemWins() {
        assertThat(FOUR.standing(List.of(course(0.5), course(0.9), course(0.6), course(0.7))))
                .isEqualTo(new Standing(1, List.of(1, 3), false));
        assertThat(FOUR.standing(List.of(course(0.5), course(0.9, 0.91), course(0.6), course(0.7, 0.95))))
                .isEqualTo(new Standing(1, List.of(3, 1), true));
    }

    @Test
    void whatATrialReachedBeyondARungIsNoMatterThere() {
        assertThat(FOUR.standing(List.of(course(0.5, 0.99), course(0.9), course(0.6), course(0.7)))
                        .trials())
                .containsExactly(1, 3);
    }

    @Test
    void alikeAreToldApartByTheirLossAndThenByTheirNumber() {
        Course surer = new Course(List.of(new Figure(0.9, 0.1)), Optional.empty());

        assertThat(FOUR.standing(List.of(course(0.9), course(0.9), course(0.9), surer))
                        .trials())
                .containsExactly(0, 3);
    }

    @Test
    void oneThatFailedCountsAsTheWorstAndTakesNobodysPlace() {
        assertThat(FOUR.standing(List.of(failed(), course(0.1), failed(), failed())))
                .isEqualTo(new Standing(1, List.of(1), false));
        assertThat(FOUR.standing(List.of(failed(0.9), course(0.1), course(0.2, 0.3), course(0.1))))
                .as("it failed after it was compared, and would have again")
                .isEqualTo(new Standing(1, List.of(2, 0), true));
    }

    @Test
    void whereAllFailedNothingIsLeft() {
        assertThat(FOUR.standing(List.of(failed(), failed(), failed(), failed()))
                        .decided())
                .isTrue();
    }
}
