// SPDX-License-Identifier: Apache-2.0
package io.millrace.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.notBeAnnotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows of docs/architecture.md, held against the compiled classes of all modules. */
class ArrowsTest {
    private static final List<String> MODULES = List.of(
            "contracts",
            "http",
            "kafka",
            "model",
            "store",
            "image",
            "dataset-service",
            "trainer-service",
            "evaluator-service",
            "inference-service",
            "local",
            "test-support",
            "benchmarks");
    private static final String[] DJL = {"ai.djl..", "ai.onnxruntime.."};

    private static JavaClasses classes;

    @BeforeAll
    static void importAllModules() {
        Path root = Path.of(System.getProperty("millrace.root"));
        List<Path> folders = MODULES.stream()
                .map(module -> root.resolve(module).resolve("target/classes"))
                .toList();
        assertThat(folders).as("compiled modules").allMatch(Files::isDirectory);
        classes = new ClassFileImporter().importPaths(folders);
    }

    @Test
    void arrowsRunFromServicesOverModelHttpAndKafkaToContracts() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("contracts")
                .definedBy("io.millrace.contracts..")
                .layer("http")
                .definedBy("io.millrace.http..")
                .layer("kafka")
                .definedBy("io.millrace.kafka..")
                .layer("model")
                .definedBy("io.millrace.model..")
                .layer("store")
                .definedBy("io.millrace.store..")
                .layer("image")
                .definedBy("io.millrace.image..")
                .layer("dataset")
                .definedBy("io.millrace.dataset..")
                .layer("trainer")
                .definedBy("io.millrace.trainer..")
                .layer("evaluator")
                .definedBy("io.millrace.evaluator..")
                .layer("inference")
                .definedBy("io.millrace.inference..")
                .layer("local")
                .definedBy("io.millrace.local..")
                .layer("test-support")
                .definedBy("io.millrace.test..")
                .layer("benchmarks")
                .definedBy("io.millrace.benchmarks..")
                .whereLayer("contracts")
                .mayNotAccessAnyLayer()
                .whereLayer("http")
                .mayNotAccessAnyLayer()
                .whereLayer("kafka")
                .mayOnlyAccessLayers("contracts")
                .whereLayer("model")
                .mayOnlyAccessLayers("contracts")
                .whereLayer("store")
                .mayOnlyAccessLayers("model", "contracts")
                .whereLayer("image")
                .mayOnlyAccessLayers("contracts")
                .whereLayer("dataset")
                .mayOnlyAccessLayers("http", "kafka", "image", "contracts")
                .whereLayer("trainer")
                .mayOnlyAccessLayers("http", "kafka", "store", "model", "contracts")
                .whereLayer("evaluator")
                .mayOnlyAccessLayers("http", "kafka", "store", "image", "model", "contracts")
                .whereLayer("inference")
                .mayOnlyAccessLayers("http", "kafka", "store", "image", "model", "contracts")
                .whereLayer("local")
                .mayOnlyAccessLayers("kafka", "contracts")
                .whereLayer("test-support")
                .mayNotAccessAnyLayer()
                .whereLayer("benchmarks")
                .mayOnlyAccessLayers("model", "image", "contracts")
                .check(classes);
    }

    @Test
    void contractsUseJacksonAndNothingElse() {
        classes()
                .that()
                .resideInAPackage("io.millrace.contracts..")
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("io.millrace.contracts..", "java..", "com.fasterxml.jackson.."))
                .check(classes);
    }

    @Test
    void onlyTheModelKnowsDjl() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.model..")
                .and()
                .doNotHaveFullyQualifiedName("io.millrace.benchmarks.OnnxContestant")
                .should()
                .dependOnClassesThat(resideInAnyPackage(DJL))
                .check(classes);
    }

    @Test
    void inTheModelOnlyWhatRunsNetworksKnowsDjlAndWhatStartsIt() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.model..")
                .and()
                .haveNameNotMatching(
                        "io\\.millrace\\.model\\.(ScriptModule|Torch|Devices|OnnxSession|OnnxRuntime)(\\$.*)?")
                .should()
                .dependOnClassesThat(resideInAnyPackage(DJL))
                .check(classes);
    }

    @Test
    void onlyTheModelKnowsOnnx() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.model..")
                .should()
                .dependOnClassesThat(resideInAPackage("ai.onnx.."))
                .check(classes);
    }

    @Test
    void onlyOnnxTensorBoardAndGrpcAreProtobuf() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.millrace.model..",
                        "io.millrace.local.tensorboard..",
                        "io.millrace.inference.openinference..")
                .should()
                .dependOnClassesThat(resideInAPackage("com.google.protobuf.."))
                .check(classes);
    }

    @Test
    void onlyTheStoreKnowsS3() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.store..")
                .should()
                .dependOnClassesThat(resideInAPackage("software.amazon.."))
                .check(classes);
    }

    @Test
    void onlyTheImageModuleReadsPictures() {
        noClasses()
                .that()
                .resideInAnyPackage("io.millrace.inference..", "io.millrace.dataset..", "io.millrace.evaluator..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("com.twelvemonkeys..", "javax.imageio.."))
                .check(classes);
    }

    @Test
    void graphsAreMadeOfDescriptionsAndNotTheOtherWayRound() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.model.network..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "io.millrace.model", "io.millrace.model.graph..", "io.millrace.model.optimizer.."))
                .check(classes);
    }

    @Test
    void theWritersKnowNothingOfNetworks() {
        noClasses()
                .that()
                .resideInAnyPackage("io.millrace.model.script..", "io.millrace.model.onnx..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "io.millrace.model.network..",
                        "io.millrace.model.graph..",
                        "io.millrace.model.checkpoint..",
                        "io.millrace.contracts.event.."))
                .check(classes);
    }

    @Test
    void featuresOfAServiceDoNotRunInCircles() {
        slices().matching("io.millrace.(dataset|trainer|evaluator|inference).(*)..")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    @Test
    void topicsKnowNothingOfWhatIsInThem() {
        noClasses()
                .that()
                .haveFullyQualifiedName("io.millrace.contracts.Topic")
                .should()
                .dependOnClassesThat(resideInAPackage("io.millrace.contracts.."))
                .check(classes);
    }

    @Test
    void dependenciesComeThroughConstructors() {
        fields().should(notBeAnnotatedWith("jakarta.inject.Inject"))
                .andShould(notBeAnnotatedWith("org.eclipse.microprofile.config.inject.ConfigProperty"))
                .check(classes);
    }
}
