// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import static org.apache.kafka.common.security.auth.SecurityProtocol.PLAINTEXT;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.Time;

/**
 * A real broker as a managed one is: SASL_SSL with SCRAM-SHA-512 and PLAIN, certificates of an authority that no JVM knows,
 * and nothing allowed that is not granted. Kafka's own server inside this JVM, with or without Docker. Users are
 * {@link #USERS}; each one's password is {@code <user>-secret}. Thread-safe.
 */
public final class SecuredBroker implements AutoCloseable {
    /** May do everything. */
    public static final String ADMIN = "admin";

    /** One for each service, and {@code nobody}. None may do anything until it is granted. */
    public static final List<String> USERS = List.of("dataset", "trainer", "evaluator", "inference", "nobody");

    private static final int ITERATIONS = 4096;
    /** For those who make it: everybody is an administrator there. */
    private static final String INTERNAL = "INTERNAL";

    private static final String CONTROLLER = "CONTROLLER";

    private final Path directory;
    private final Certificates certificates;
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final KafkaRaftServer server;

    /** How a client shows who it is. */
    public enum Mechanism {
        SCRAM("SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule"),
        PLAIN("PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule");

        private final String id;
        private final String module;

        Mechanism(String id, String module) {
            this.id = id;
            this.module = module;
        }

        /** The value of {@code sasl.jaas.config}. */
        private String login(String user, String password) {
            return module + " required username=\"" + user + "\" password=\"" + password + "\";";
        }
    }

    /** Where clients connect: listeners with the same users and grants, and certificates of their own. */
    public enum Door {
        /** Everything is in order here. */
        GOOD,
        /** Its certificate ran out, until {@link #renewCertificate()}. */
        EXPIRED
    }

    private SecuredBroker(Path directory) {
        this.directory = directory;
        this.certificates = new Certificates(directory);
        Stream.of(INTERNAL, CONTROLLER, Door.GOOD.name(), Door.EXPIRED.name())
                .forEach(listener -> ports.put(listener, TestPorts.one()));
        Properties settings = settings();
        format(settings);
        this.server = new KafkaRaftServer(KafkaConfig.fromProps(settings), Time.SYSTEM);
    }

    /** Starts one. */
    public static SecuredBroker start() {
        try {
            SecuredBroker broker = new SecuredBroker(Files.createTempDirectory("secured-broker-"));
            broker.server.startup();
            broker.admin(admin -> admin.describeCluster().nodes());
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code host:port} of the good door. */
    public String bootstrapServers() {
        return bootstrapServers(Door.GOOD);
    }

    private String bootstrapServers(Door door) {
        return "localhost:" + ports.get(door.name());
    }

    /** What a client needs to come as a user, by the names of Kafka's settings. */
    public Map<String, String> as(String user, Mechanism mechanism) {
        return as(user, password(user), mechanism, Door.GOOD);
    }

    /** The same with any password, and through any door. */
    public Map<String, String> as(String user, String password, Mechanism mechanism, Door door) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("bootstrap.servers", bootstrapServers(door));
        settings.put("security.protocol", "SASL_SSL");
        settings.put("sasl.mechanism", mechanism.id);
        settings.put("sasl.jaas.config", mechanism.login(user, password));
        settings.put("ssl.truststore.location", certificates.trust().toString());
        settings.put("ssl.truststore.password", Certificates.PASSWORD);
        return settings;
    }

    /** The certificate of the authority as text (PEM), for who has no truststore. */
    public String authority() {
        return certificates.authority();
    }

    /** A truststore that does not know the authority of this broker; same password. */
    public String strangersTruststore() {
        return certificates.strangers().toString();
    }

    /** The password that a user has at first. */
    public static String password(String user) {
        return user + "-secret";
    }

    /** Changes the password of a user who comes with SCRAM. */
    public void changePassword(String user, String password) {
        admin(admin -> admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                        user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS), password)))
                .all());
    }

    /** Gives the expired door a certificate that holds. */
    public void renewCertificate() {
        ConfigResource node = new ConfigResource(ConfigResource.Type.BROKER, "1");
        AlterConfigOp renewed = new AlterConfigOp(
                new ConfigEntry(
                        listener(Door.EXPIRED) + "ssl.keystore.location",
                        certificates.valid().toString()),
                AlterConfigOp.OpType.SET);
        admin(admin ->
                admin.incrementalAlterConfigs(Map.of(node, List.of(renewed))).all());
    }

    /** Names of the topics that are there. */
    public Set<String> topicNames() {
        return admin(admin -> admin.listTopics().names());
    }

    /** The topics that are there, with the settings that they were given; while none of them is being deleted. */
    public Map<String, Map<String, String>> topics() {
        List<ConfigResource> names = topicNames().stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<String, Map<String, String>> topics = new TreeMap<>();
        admin(admin -> admin.describeConfigs(names).all())
                .forEach((topic, config) -> topics.put(
                        topic.name(),
                        config.entries().stream()
                                .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
                                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value))));
        return topics;
    }

    /** Allows a user something, by its name or by the beginning of its name. */
    public void allow(
            String user, ResourceType type, PatternType pattern, String name, Collection<AclOperation> operations) {
        List<AclBinding> bindings = operations.stream()
                .map(operation -> new AclBinding(
                        new ResourcePattern(type, name, pattern),
                        new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW)))
                .toList();
        admin(admin -> admin.createAcls(bindings).all());
    }

    /** Takes back from a user what was allowed under exactly this name. */
    public void forbid(String user, ResourceType type, PatternType pattern, String name) {
        admin(admin -> admin.describeAcls(AclBindingFilter.ANY)
                .values()
                .thenApply(all -> all.stream()
                        .filter(each -> each.pattern().equals(new ResourcePattern(type, name, pattern)))
                        .filter(each -> each.entry().principal().equals("User:" + user))
                        .map(AclBinding::toFilter)
                        .toList())
                .thenApply(mine -> admin.deleteAcls(mine).all()));
    }

    private <T> T admin(Function<Admin, KafkaFuture<T>> question) {
        String address = "localhost:" + ports.get(INTERNAL);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            return question.apply(admin).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private Properties settings() {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("log.dirs", directory.resolve("data").toString());
        settings.put("listeners", listeners(ports.keySet()));
        settings.put("advertised.listeners", listeners(List.of(INTERNAL, Door.GOOD.name(), Door.EXPIRED.name())));
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("controller.quorum.voters", "1@localhost:" + ports.get(CONTROLLER));
        settings.put("inter.broker.listener.name", INTERNAL);
        settings.put(
                "listener.security.protocol.map",
                ports.keySet().stream()
                        .map(name -> name + ":"
                                + (name.equals(INTERNAL) || name.equals(CONTROLLER) ? PLAINTEXT : "SASL_SSL"))
                        .collect(Collectors.joining(",")));
        secure(settings, Door.GOOD, certificates.valid());
        secure(settings, Door.EXPIRED, certificates.expired());
        settings.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        settings.put("allow.everyone.if.no.acl.found", "false");
        settings.put("super.users", "User:" + ADMIN + ";User:ANONYMOUS");
        settings.putAll(TestBroker.SINGLE_NODE);
        settings.put("offsets.topic.replication.factor", "1");
        return settings;
    }

    private String listeners(Collection<String> names) {
        return names.stream()
                .map(name -> name + "://localhost:" + ports.get(name))
                .collect(Collectors.joining(","));
    }

    private static void secure(Properties settings, Door door, Path keystore) {
        settings.put(listener(door) + "sasl.enabled.mechanisms", Mechanism.SCRAM.id + "," + Mechanism.PLAIN.id);
        settings.put(listener(door) + "scram-sha-512.sasl.jaas.config", Mechanism.SCRAM.module + " required;");
        settings.put(
                listener(door) + "plain.sasl.jaas.config",
                everybody()
                        .map(user -> " user_" + user + "=\"" + password(user) + '"')
                        .collect(Collectors.joining("", Mechanism.PLAIN.module + " required", ";")));
        settings.put(listener(door) + "ssl.keystore.location", keystore.toString());
        settings.put(listener(door) + "ssl.keystore.password", Certificates.PASSWORD);
        settings.put(listener(door) + "ssl.key.password", Certificates.PASSWORD);
    }

    private static String listener(Door door) {
        return "listener.name." + door.name().toLowerCase(Locale.ROOT) + ".";
    }

    private static Stream<String> everybody() {
        return Stream.concat(Stream.of(ADMIN), USERS.stream());
    }

    /** Prepares the storage, with the users who come with SCRAM. */
    private void format(Properties settings) {
        Path file = directory.resolve("server.properties");
        try (OutputStream out = Files.newOutputStream(file)) {
            settings.store(out, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> arguments = new ArrayList<>(
                List.of("format", "--cluster-id", Uuid.randomUuid().toString(), "--config", file.toString()));
        everybody()
                .forEach(user -> arguments.addAll(List.of(
                        "--add-scram",
                        "SCRAM-SHA-512=[name=" + user + ",iterations=" + ITERATIONS + ",password=" + password(user)
                                + "]")));
        int code =
                StorageTool.execute(arguments.toArray(String[]::new), new PrintStream(OutputStream.nullOutputStream()));
        if (code != 0) {
            throw new IllegalStateException("the storage of the test broker cannot be prepared: " + code);
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
