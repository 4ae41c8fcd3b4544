// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.wrapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shell script {@code ./millrace}: through a symbolic link, in a tree whose path has a space, with stand-ins for Java
 * and Maven that write down how they are called.
 */
class WrapperIT {
    private static final String SERVICES = "dataset-service,trainer-service,evaluator-service,inference-service";

    @TempDir
    private Path directory;

    private Wrapper wrapper;

    @BeforeEach
    void tree() throws IOException {
        wrapper = new Wrapper(Files.createDirectory(directory.resolve("a clone")));
        wrapper.java("17", true);
    }

    @Test
    void theRealOneRunsTheRealProgram() throws Exception {
        Path link = Files.createSymbolicLink(
                directory.resolve("link to it"), Path.of(System.getProperty("millrace.root"), "millrace"));

        Wrapper.Result result =
                Wrapper.run(directory, Path.of(System.getProperty("java.home")), link.toString(), "status", "--help");

        assertThat(result.code()).as(result.output()).isZero();
        assertThat(result.output()).contains("Usage: millrace status").doesNotContain("building");
    }

    @Test
    void aJavaThatIsTooOldIsNamedWithItsVersionAndTheRemedy() throws Exception {
        wrapper.java("11", true);

        Wrapper.Result result = wrapper.run("up");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.output())
                .contains("version 17 or newer")
                .contains("bin/java (version 11)")
                .contains("set JAVA_HOME");
        assertThat(wrapper.mavenCalls()).isEmpty();
    }

    @Test
    void noJavaAtAllIsSaidWithTheRemedy() throws Exception {
        wrapper.noJava();

        Wrapper.Result result = wrapper.run("up");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.output())
                .contains("there is none")
                .contains("no java on the PATH")
                .contains("apt install openjdk-17-jdk-headless");
    }

    @Test
    void aJavaThatCannotCompileIsEnoughUntilThereIsSomethingToBuild() throws Exception {
        wrapper.java("17", false);

        Wrapper.Result unbuilt = wrapper.run("status");
        assertThat(unbuilt.code()).isEqualTo(1);
        assertThat(unbuilt.output()).contains("can run Java but not compile it").contains("openjdk-17-jdk-headless");

        wrapper.built();
        assertThat(wrapper.run("status").code()).isZero();
    }

    @Test
    void upBuildsTheCommandThenAsksItAndThenBuildsTheServices() throws Exception {
        assertThat(wrapper.run("up", "--seed", "2").code()).isZero();

        assertThat(wrapper.mavenCalls())
                .satisfiesExactly(
                        first -> assertThat(first).contains("-pl local -am package"),
                        second -> assertThat(second).contains("-Pquick ").contains("-pl " + SERVICES + " -am package"));
        assertThat(wrapper.javaCalls())
                .satisfiesExactly(
                        asked -> assertThat(asked)
                                .contains("-Dmillrace.rehearsal=true")
                                .endsWith("up --seed 2"),
                        ran -> assertThat(ran).doesNotContain("rehearsal").endsWith("up --seed 2"));

        assertThat(wrapper.run("up").code()).isZero();
        assertThat(wrapper.mavenCalls()).as("all is built").hasSize(2);
    }

    @Test
    void whatOnlyAsksBuildsTheCommandAloneAndOnlyWhereItIsMissing() throws Exception {
        for (String command : new String[] {"--help", "status", "classify"}) {
            assertThat(wrapper.run(command).code()).isZero();
        }
        wrapper.sourceChanges("local");
        assertThat(wrapper.run("status").code()).isZero();

        assertThat(wrapper.mavenCalls())
                .satisfiesExactly(only -> assertThat(only).contains("-pl local -am package"));
    }

    @Test
    void whatShowsNetworksBuildsTheServicesOnlyWhereThereAreNone() throws Exception {
        assertThat(wrapper.run("networks", "--stem", "cifar").code()).isZero();
        wrapper.sourceChanges("model");
        assertThat(wrapper.run("summary", "resnet50").code()).isZero();

        assertThat(wrapper.mavenCalls()).hasSize(2).last().asString().contains("-pl " + SERVICES);
        assertThat(wrapper.javaCalls())
                .satisfiesExactly(
                        asked -> assertThat(asked)
                                .contains("-Dmillrace.rehearsal=true")
                                .endsWith("networks --stem cifar"),
                        ran -> assertThat(ran).doesNotContain("rehearsal").endsWith("networks --stem cifar"),
                        again -> assertThat(again).doesNotContain("rehearsal").endsWith("summary resnet50"));
    }

    @Test
    void optionsThatAreRefusedBuildNoServicesAndKeepTheirExitCode() throws Exception {
        wrapper.programAnswers(2);

        assertThat(wrapper.run("up", "--colour", "red").code()).isEqualTo(2);

        assertThat(wrapper.mavenCalls()).hasSize(1);
    }

    @Test
    void aChangedSourceIsBuiltAgain() throws Exception {
        wrapper.run("up");
        wrapper.sourceChanges("trainer-service");

        wrapper.run("up");

        assertThat(wrapper.mavenCalls()).hasSize(3).last().asString().contains("-pl " + SERVICES);
    }

    @Test
    void nothingIsBuiltUnderAStackThatRuns() throws Exception {
        assumeTrue(wrapper.hasFlock(), "skipped: no flock");
        wrapper.run("up");
        Path sign = directory.resolve("running");
        Process running = wrapper.start("HOLD=" + sign, "up");
        try {
            Wrapper.await(sign);
            wrapper.sourceChanges("trainer-service");

            Wrapper.Result second = wrapper.run("up", "--work-dir", "other");

            assertThat(second.code()).isEqualTo(1);
            assertThat(second.output()).contains("a stack runs").contains("Stop that one first");
            assertThat(wrapper.mavenCalls()).hasSize(2);
        } finally {
            running.destroy();
            running.waitFor();
        }
        assertThat(wrapper.run("up").code()).isZero();
        assertThat(wrapper.mavenCalls()).hasSize(3);
    }

    @Test
    void whatServesIsBuiltLikeWhatTrains() throws Exception {
        wrapper.run("serve");
        wrapper.sourceChanges("inference-service");

        assertThat(wrapper.run("serve", "mine.safetensors").code()).isZero();

        assertThat(wrapper.mavenCalls()).hasSize(3).last().asString().contains("-pl " + SERVICES);
    }

    @Test
    void theProfileIsBuiltWithAndRemembered() throws Exception {
        wrapper.run("up");
        assertThat(wrapper.with("MILLRACE_PROFILE=cu121").run("up").code()).isZero();
        assertThat(wrapper.mavenCalls()).hasSize(3).last().asString().contains("-Pquick,cu121 ");

        wrapper.run("up");
        assertThat(wrapper.mavenCalls()).as("the same profile").hasSize(3);
        wrapper.with("MILLRACE_PROFILE=").run("up");
        assertThat(wrapper.mavenCalls()).as("none any more").hasSize(4);
    }

    @Test
    void aProfileThatDoesNotExistIsRefused() throws Exception {
        Wrapper.Result result = wrapper.with("MILLRACE_PROFILE=rocm").run("up");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.output()).contains("MILLRACE_PROFILE=rocm").contains("cu121");
        assertThat(wrapper.mavenCalls()).as("of the services").hasSize(1);
    }

    @Test
    void aMachineWithoutPyTorchIsToldSoBeforeTheBuild() throws Exception {
        wrapper.machine("Linux aarch64");

        Wrapper.Result result = wrapper.run("up");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.output())
                .contains("no PyTorch here for Linux aarch64")
                .contains("Linux on x86_64")
                .contains("macOS on Apple silicon");
        assertThat(wrapper.mavenCalls()).as("of the services").hasSize(1);
    }

    @Test
    void aBuildThatFailsBeforeMavenIsThereShowsWhatWasSaidLast() throws Exception {
        wrapper.mavenFails("wget: unable to resolve host address; Unknown host");

        Wrapper.Result result = wrapper.run("up");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.output()).contains("unable to resolve host address").contains("Maven Central");
    }

    @Test
    void aBuildThatFailsShowsItsErrors() throws Exception {
        wrapper.mavenFails("[ERROR] Could not transfer artifact");

        Wrapper.Result result = wrapper.run("up");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.output())
                .contains("the build failed")
                .contains("Could not transfer artifact")
                .contains("Maven Central")
                .contains("build.log");
    }

    @Test
    void whatMavenBuiltByHandIsTakenAsItIs() throws Exception {
        wrapper.built();

        assertThat(wrapper.run("up").code()).isZero();

        assertThat(wrapper.mavenCalls()).isEmpty();
        Files.setLastModifiedTime(
                wrapper.root().resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(wrapper.run("up").code()).isZero();
        assertThat(wrapper.mavenCalls()).hasSize(2);
    }
}
