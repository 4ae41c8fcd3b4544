// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page's files, as they are served: all there, small, and nothing in them that needs another machine. */
@QuarkusTest
@TestProfile(ClassifyHttpIT.Small.class)
class PageHttpIT {
    private static final int MOST_BYTES = 200_000;
    private static final String UPLOT = "/webjars/uplot/1.6.30/dist/uPlot.iife.min.js";
    private static final Pattern LINKED =
            Pattern.compile("(?:src ?= ?|href=|from |import\\(|import |script\\()\"([./][^\"]*\\.(?:js|css|svg))\"");

    @Test
    void everyFileThatThePageLoadsIsThereAndAllAreSmall() {
        // When
        Map<String, Integer> sizes = load("/");

        // Then
        assertThat(sizes)
                .containsKeys("/page/style.css", "/page/main.js", "/page/try/sketch.js", "/page/icon.svg", UPLOT);
        assertThat(sizes.values().stream().mapToInt(Integer::intValue).sum()).isLessThan(MOST_BYTES);
    }

    /** All that is reached from a path, with its size. */
    private static Map<String, Integer> load(String first) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        Deque<String> open = new ArrayDeque<>();
        open.add(first);
        while (!open.isEmpty()) {
            String path = open.remove();
            if (sizes.containsKey(path)) {
                continue;
            }
            Response response = given().get(path);
            assertThat(response.statusCode()).as(path).isEqualTo(200);
            sizes.put(path, response.asByteArray().length);
            if (path.startsWith("/webjars/")) {
                // Not ours, and at its end.
                continue;
            }
            assertThat(response.asString()).as(path).doesNotContain("https://", "style=\"");
            Matcher links = LINKED.matcher(response.asString());
            while (links.find()) {
                open.add(resolved(path, links.group(1)));
            }
        }
        return sizes;
    }

    private static String resolved(String from, String link) {
        return URI.create(from).resolve(link).getPath();
    }

    @Test
    void nothingRunsThatIsNoFileOfTheService() {
        String page = given().get("/")
                .then()
                .statusCode(200)
                .contentType("text/html")
                .header("Content-Security-Policy", containsString("default-src 'none'; script-src 'self'"))
                .header("X-Content-Type-Options", equalTo("nosniff"))
                .header("Cache-Control", equalTo("no-cache"))
                .extract()
                .asString();

        assertThat(page).doesNotContainPattern("<script(?![^>]*src=)").doesNotContainPattern("\\son[a-z]+=");
        given().get("/page/main.js").then().header("Cache-Control", equalTo("no-cache"));
    }
}
