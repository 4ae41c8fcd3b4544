// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import io.millrace.test.SecuredBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/** What the documentation says of topics, and of what each service has to be allowed. */
final class ManagedKafka {
    private static final Pattern ROW = Pattern.compile(
            "\\| (\\w+)-service \\| (topic|group|transactional id)(, by prefix)? \\| `([^`]+)` \\| ([A-Za-z, ]+) \\|");
    private static final Pattern TOPIC = Pattern.compile("\\| `(millrace\\.[^`<]+)[^`]*` \\| (`\\S+=.*`) \\|.*");
    private static final Path PAGE = Up.ROOT.resolve("docs/managed-kafka.md");
    private static final Map<String, ResourceType> TYPES = Map.of(
            "topic", ResourceType.TOPIC,
            "group", ResourceType.GROUP,
            "transactional id", ResourceType.TRANSACTIONAL_ID);

    private ManagedKafka() {}

    /** Gives each service's user exactly the rows of the table that are about such resources. */
    static void grant(SecuredBroker broker, ResourceType... types) throws IOException {
        List<MatchResult> rows = Files.readAllLines(PAGE).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .map(Matcher::toMatchResult)
                .toList();
        rows.stream()
                .filter(row -> List.of(types).contains(TYPES.get(row.group(2))))
                .forEach(row -> broker.allow(
                        row.group(1),
                        TYPES.get(row.group(2)),
                        row.group(3) == null ? PatternType.LITERAL : PatternType.PREFIXED,
                        row.group(4),
                        Stream.of(row.group(5).split(", "))
                                .map(ManagedKafka::operation)
                                .toList()));
        if (rows.stream().map(row -> row.group(1)).distinct().count() != SecuredBroker.USERS.size() - 1) {
            throw new IllegalStateException("the table of grants does not name each service: " + rows);
        }
    }

    /** By topic, the settings that the documentation says it has; of the logs of runs under the beginning of their names. */
    static Map<String, Map<String, String>> topics() throws IOException {
        Map<String, Map<String, String>> topics = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher topic = TOPIC.matcher(line);
            if (topic.matches()) {
                topics.put(
                        topic.group(1),
                        Stream.of(topic.group(2).replace("`", "").split(" "))
                                .map(setting -> setting.split("="))
                                .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1])));
            }
        }
        return topics;
    }

    /** {@code DescribeConfigs} is {@code DESCRIBE_CONFIGS}. */
    private static AclOperation operation(String name) {
        return AclOperation.valueOf(name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
    }
}
