// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.Refusal;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.WantedRun;
import io.millrace.local.tune.Board;
import io.millrace.local.tune.Halving;
import io.millrace.local.tune.Range;
import io.millrace.local.tune.Search;
import io.millrace.local.tune.Search.Look;
import io.millrace.local.tune.Search.Stopped;
import io.millrace.local.tune.Setting;
import io.millrace.local.tune.Space;
import io.millrace.local.tune.Strength;
import io.millrace.local.tune.Trial;
import io.millrace.local.tune.Values;
import io.millrace.local.view.Redrawn;
import io.millrace.local.view.Views;
import io.millrace.local.watch.Endpoints;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace tune}. */
@Command(
        name = "tune",
        description =
                "Searches learning rate, weight decay and the strength of augmentation for a recipe, by successive halving over "
                        + "runs of a running stack (./millrace up --workers N trains N of them at once): all trials are trained "
                        + "for a few epochs, one of --eta goes on, the others are stopped. They are compared by accuracy on the "
                        + "validation split, never the test split. What wins is written as a file for --recipe. Ctrl-C and errors stop "
                        + "the trials; the same command goes on with them. An inference-service without a model name "
                        + "(millrace.inference.model; up gives it one) may serve trials meanwhile.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TuneCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;
    private static final double VALIDATION = 0.1;
    private static final double SPAN = 10;
    private static final Range USUAL_DECAY = new Range(1e-5, 1e-2);
    private static final Range USUAL_STRENGTH = new Range(0, 2);
    private static final double MOST_STRENGTH = 100;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration OPENING = Duration.ofSeconds(20);
    private static final Duration ENDING = Duration.ofSeconds(5);
    private static final Duration STOPPING = Duration.ofSeconds(10);
    private static final int MOST_NAMED = 16;
    /** What follows is a number. */
    private static final int LONGEST_NAME = 90;

    private static final ObjectWriter PRETTY = JsonMapper.builder().build().writerWithDefaultPrettyPrinter();
    private static final Map<String, String> OPTIONS = Map.of(
            "recipe.schedule", "--rate",
            "recipe.optimizer", "--decay",
            "recipe.augmentation", "--augmentation");

    @Spec
    private CommandSpec command;

    @Option(
            names = "--trials",
            paramLabel = "N",
            required = true,
            description = "How many are drawn, at least --eta, at most 1000")
    private int trials;

    @Option(
            names = "--eta",
            paramLabel = "N",
            defaultValue = "3",
            description = "One of so many goes on from rung to rung, with so many times the epochs. Default: "
                    + "${DEFAULT-VALUE}")
    private int eta;

    @Option(
            names = "--rungs",
            paramLabel = "N",
            description =
                    "How often they are compared; the last time after all epochs of the recipe. Default: as often as "
                            + "--trials and --epochs allow")
    private Integer rungs;

    @Option(
            names = "--rate",
            paramLabel = "LOW:HIGH",
            description =
                    "Learning rates, drawn log-uniformly; one number: that. Default: from a tenth of the recipe's to "
                            + "ten times it")
    private String rate;

    @Option(
            names = "--decay",
            paramLabel = "LOW:HIGH",
            description = "Weight decays, as well. Default: from a tenth of the recipe's to ten times it; of a recipe "
                    + "without, 0.00001:0.01")
    private String decay;

    @Option(
            names = "--augmentation",
            paramLabel = "LOW:HIGH",
            description =
                    "Strengths of the recipe's own augmentation: 0 none, 1 as it stands, 2 twice the pixels, degrees, "
                            + "jitter; drawn uniformly. Default: 0:2, where the recipe has any")
    private String augmentation;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Of the search: its trials are the runs NAME-1, NAME-2 and so on. One that is there goes on. "
                    + "Default: tune- and the data set's")
    private String name;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the winner's recipe is written, over what is there. Default: NAME.json")
    private Path out;

    @Option(
            names = "--priority",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the trials: runs of a higher one are trained first. Default: ${DEFAULT-VALUE}")
    private int priority;

    @Mixin
    private RunOptions run;

    @Mixin
    private StackOption stack;

    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<String> notes = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException, IOException {
        WantedRun asked = run.wanted(Clock.systemUTC());
        OrderBody.refuseWhatBelongsToTheStack(asked, command);
        ObjectNode sparse = recipe(asked.recipe());
        Recipe recipe = Recipes.of(sparse);
        Halving halving = understood(() -> Halving.of(trials, recipe.epochs(), eta, rungs));
        Space space = space(recipe);
        space.ends().forEach(values -> check(values, sparse));
        Ports ports = stack.ports();
        checkName();
        if (out != null) {
            place(name);
        }

        RunRequests requests = new RunRequests(ports, stack.token());
        requests.get("/runs");
        Endpoints endpoints = new Endpoints(ports, stack.token());
        Optional<RunSpec> origin = OrderBody.origin(asked, endpoints);
        String dataset = OrderBody.dataset(asked, origin);
        String search = name == null ? "tune-" + dataset : name;
        Path place = place(search);
        Setting setting = new Setting(
                dataset, OrderBody.network(asked, origin), asked.seed().orElse(1L), asked.start());
        List<Trial> all = new ArrayList<>();
        for (Values values : space.draw(setting.seed(), trials)) {
            all.add(new Trial(search + "-" + (all.size() + 1), values, values.in(sparse)));
        }
        BiFunction<String, ObjectNode, ObjectNode> order = (runId, wanted) -> {
            ObjectNode body = OrderBody.of(asked, origin).put("runId", runId);
            body.set("recipe", wanted);
            // Of a name of its own: what is served under a name that is configured does not change meanwhile.
            return body.put("model", search).put("priority", priority);
        };
        // What would be refused of the last trial is before the first one is ordered.
        for (Values values : space.ends()) {
            requests.post("/plan", order.apply(search, values.in(sparse)));
        }
        say(begin(search, halving, space));
        try (StackPool pool = new StackPool(
                ports, requests, endpoints, trial -> order.apply(trial.runId(), trial.recipe()), OPENING)) {
            return run(new Search(halving, all, setting, pool), search, place);
        }
    }

    /** With epochs to halve and a validation split to compare by, where nobody said otherwise. */
    private ObjectNode recipe(ObjectNode sparse) {
        ObjectNode wanted = sparse.deepCopy();
        if (Recipes.of(wanted).epochs() < eta && !wanted.has("epochs") && eta > 1) {
            notes.add("epochs     " + eta + ", since recipe "
                    + wanted.path("name").asText() + " has "
                    + Recipes.of(wanted).epochs() + " and a search compares more than once; --epochs says how many");
            wanted.put("epochs", eta);
        }
        Recipe recipe = Recipes.of(wanted);
        if (recipe.earlyStopping() != null) {
            throw refused("--recipe " + recipe.name()
                    + " with earlyStopping will not do; it must be without: trials are compared"
                    + " after the same number of epochs. Leave it out with --set earlyStopping=null");
        }
        if (recipe.validation() == 0) {
            notes.add("validation " + VALIDATION
                    + " of the training images are set apart, by which the trials are compared;"
                    + " --validation says how many");
            wanted.put("validation", VALIDATION);
        }
        return wanted;
    }

    private Space space(Recipe recipe) {
        double usualRate = recipe.schedule().learningRate();
        double usualDecay = recipe.optimizer().weightDecay();
        boolean applies = Strength.applies(recipe.augmentation());
        if (augmentation != null && !applies) {
            throw refused(
                    "--augmentation " + augmentation + " will not do; it must be left out: recipe " + recipe.name()
                            + " has no augmentation that can be more or less. Name one, such as --set augmentation.shift=2");
        }
        return understood(() -> new Space(
                rate == null
                        ? new Range(usualRate / SPAN, Math.min(usualRate * SPAN, Double.MAX_VALUE))
                        : Range.of("--rate", rate).positive("--rate"),
                decay == null
                        ? usualDecay == 0
                                ? USUAL_DECAY
                                : new Range(usualDecay / SPAN, Math.min(usualDecay * SPAN, 1 - 1 / SPAN))
                        : Range.of("--decay", decay).positive("--decay"),
                Optional.of(USUAL_STRENGTH)
                        .filter(any -> applies)
                        .map(usual -> augmentation == null
                                ? usual
                                : Range.of("--augmentation", augmentation).atMost("--augmentation", MOST_STRENGTH))));
    }

    /** @throws ParameterException when a recipe with these values will not do */
    private void check(Values values, ObjectNode sparse) {
        try {
            Recipes.of(values.in(sparse));
        } catch (RefusedFieldException e) {
            String option = OPTIONS.entrySet().stream()
                    .filter(entry -> e.field().startsWith(entry.getKey()))
                    .map(entry -> entry.getValue() + ": ")
                    .findFirst()
                    .orElse("");
            throw refused(option + e.getMessage());
        }
    }

    private void checkName() {
        if (name != null && (!RunSpec.RUN_ID.matcher(name).matches() || name.length() > LONGEST_NAME)) {
            throw refused("--name " + name + " will not do; it must be lower-case letters, digits and '-', at most "
                    + LONGEST_NAME + ", not beginning with '-': the trials' names begin with it");
        }
    }

    /**
     * Where the result goes, made sure before the work that it can be written.
     *
     * @throws ParameterException when it cannot
     */
    private Path place(String search) {
        Path place = out == null ? Path.of(search + ".json") : out;
        if (!RecipeFile.is(place.toString())) {
            throw refused("--out " + place
                    + " will not do; it must be the name of a file that ends with .json, as --recipe" + " has it");
        }
        if (Files.isDirectory(place) || !Files.isWritable(place.toAbsolutePath().getParent())) {
            throw refused(
                    "--out " + place + " will not do; it must be a file in a directory that exists and is writable");
        }
        return place;
    }

    private static List<String> lines(Halving halving) {
        return halving.rungs().stream()
                .map(rung -> rung.trials() + " to epoch " + rung.epochs())
                .toList();
    }

    private List<String> begin(String search, Halving halving, Space space) {
        List<String> lines = new ArrayList<>(notes);
        int last = halving.rungs().size() - 1;
        lines.add("search     " + search + ": " + String.join(", ", lines(halving)) + ": " + halving.epochs()
                + " epochs in all, instead of "
                + (long) trials * halving.rungs().get(last).epochs());
        lines.add("space      rate " + space.learningRate() + ", decay " + space.weightDecay()
                + space.augmentation().map(range -> ", augmentation " + range).orElse(""));
        lines.add("serving    as before, where inference-service has a model name, as under ./millrace up; without"
                + " millrace.inference.model it may serve trials meanwhile, as the model " + search);
        return lines;
    }

    private void say(List<String> lines) {
        PrintWriter print = command.commandLine().getOut();
        lines.forEach(print::println);
        print.flush();
    }

    /** Until it is decided, or cannot go on, in which case its trials are stopped as by Ctrl-C. */
    int run(Search search, String searchName, Path place) throws InterruptedException, IOException {
        Thread worker = Thread.currentThread();
        Thread hook = new Thread(() -> stop(search, searchName, worker), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Optional<Look> decided = untilStopped(search, searchName);
            if (decided.isEmpty()) {
                return INTERRUPTED;
            }
            return result(decided.get(), searchName, place);
        } finally {
            ended.countDown();
            if (stopping.getCount() > 0) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    private Optional<Look> untilStopped(Search search, String searchName) throws InterruptedException {
        try {
            return follow(search);
        } catch (InterruptedException | RuntimeException e) {
            // Whatever was interrupted says so in its own way.
            if (stopping.getCount() == 0) {
                return Optional.empty();
            }
            leave(search, searchName, e);
            throw e;
        }
    }

    /** Until it is decided; empty when somebody stops it. */
    private Optional<Look> follow(Search search) throws InterruptedException {
        Optional<Redrawn> picture =
                Views.hasCursor(System.getenv()) ? Optional.of(new Redrawn(Views.standardOutput())) : Optional.empty();
        Board board = new Board();
        try {
            while (stopping.getCount() > 0) {
                Optional<Look> look = search.look();
                look.ifPresent(seen -> {
                    List<String> news = board.news(seen);
                    picture.ifPresentOrElse(drawn -> drawn.draw(news, Board.picture(seen)), () -> say(news));
                });
                if (look.filter(Look::isOver).isPresent()) {
                    picture.ifPresent(drawn -> drawn.draw(List.of(), List.of()));
                    return look;
                }
                stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } finally {
            picture.ifPresent(Redrawn::leave);
        }
        return Optional.empty();
    }

    /** As long as it was not seen that the runs are its own, it has ordered none and stops none. */
    private void leave(Search search, String searchName, Exception reason) {
        if (search.hasBegun()) {
            try {
                say(left(searchName, search.stop(STOPPING)));
            } catch (InterruptedException | RuntimeException e) {
                reason.addSuppressed(e);
            }
        }
    }

    /** What became of a search that was stopped, as people read it. */
    static List<String> left(String searchName, Stopped stopped) {
        List<String> lines = new ArrayList<>();
        if (!stopped.runs().isEmpty() || stopped.left().isEmpty()) {
            lines.add("stopped    search " + searchName + ": "
                    + (stopped.runs().isEmpty()
                            ? "none of its trials was being trained; the same command goes on with it"
                            : named(stopped.runs()) + " wait where they are, and the same command goes on with them"));
        }
        Map<String, List<String>> reasons = stopped.left().entrySet().stream()
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue,
                        LinkedHashMap::new,
                        Collectors.mapping(Map.Entry::getKey, Collectors.toList())));
        reasons.forEach((reason, runs) -> lines.add("NOT stopped  " + named(runs) + ", which may go on: " + reason
                + ". ./millrace runs shows them, and ./millrace stop RUN stops one"));
        return lines;
    }

    private static String named(List<String> runs) {
        int more = runs.size() - MOST_NAMED;
        return String.join(", ", runs.subList(0, Math.min(runs.size(), MOST_NAMED)))
                + (more > 0 ? " and " + more + " more" : "");
    }

    /** In the JVM's last moments. An order may be on its way: who is stopped is looked up when the search has ended. */
    private void stop(Search search, String searchName, Thread worker) {
        stopping.countDown();
        worker.interrupt();
        try {
            ended.await(ENDING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            say(left(searchName, search.stop(STOPPING)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int result(Look look, String searchName, Path file) throws IOException {
        say(Board.table(look));
        Optional<Trial> winner = look.winner().map(look.trials()::get);
        if (winner.isEmpty()) {
            throw new Refusal(
                    "no trial of search " + searchName + " reached its last rung: all failed, the first of them, "
                            + look.trials().get(0).runId() + ", of "
                            + look.courses().get(0).failure().orElse("nothing")
                            + ". Search lower rates, under another --name");
        }
        write(winner.get().recipe(), file);
        say(List.of(
                "won        " + winner.get().runId() + ", a run whose checkpoints are there",
                "recipe     " + file + "; ./millrace up --recipe " + file
                        + ", with the data set, network and seed of this search, trains the same weights",
                "stopped    the other trials; ./millrace rm RUN removes one with what it left"));
        return 0;
    }

    private static void write(ObjectNode recipe, Path file) throws IOException {
        Path draft = file.toAbsolutePath().resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(draft, PRETTY.writeValueAsString(recipe) + "\n", UTF_8);
        Files.move(draft, file.toAbsolutePath(), StandardCopyOption.REPLACE_EXISTING);
    }

    private <T> T understood(Supplier<T> made) {
        try {
            return made.get();
        } catch (Refusal e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    private ParameterException refused(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
