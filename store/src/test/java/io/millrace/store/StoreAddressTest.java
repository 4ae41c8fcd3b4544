// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.store.StoreAddress.InDirectory;
import io.millrace.store.StoreAddress.InS3;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreAddressTest {
    @ParameterizedTest
    @CsvSource({
        "file:/var/lib/checkpoints, /var/lib/checkpoints",
        "file:///var/lib/checkpoints/, /var/lib/checkpoints",
        "file:/home/an engineer/runs, /home/an engineer/runs",
        "file:/home/an%20engineer/runs, /home/an engineer/runs",
        "file:/home/50%/runs, /home/50%/runs",
        "file:/a/../b, /b"
    })
    void aDirectoryIsFound(String address, Path directory) {
        assertThat(StoreAddress.of(address)).isEqualTo(new InDirectory(directory));
    }

    @ParameterizedTest
    @CsvSource({
        "s3://pictures/millrace, pictures, millrace",
        "s3://pictures/team.a/_runs/, pictures, team.a/_runs",
        "s3://pictures, pictures, ''",
        "s3://pictures/, pictures, ''"
    })
    void aBucketIsFound(String address, String bucket, String prefix) {
        assertThat(StoreAddress.of(address)).isEqualTo(new InS3(bucket, prefix));
    }

    @Test
    void whatIsPrintedIsReadAgain() {
        for (StoreAddress address : new StoreAddress[] {
            new InDirectory(Path.of("/a b/50%20/c")), new InS3("pictures", "a/b"), new InS3("pictures", "")
        }) {
            assertThat(StoreAddress.of(address.toString())).isEqualTo(address);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "checkpoints, it names no kind of store",
        "/var/lib/checkpoints, it names no kind of store",
        "'', it names no kind of store",
        "file:checkpoints, a relative path",
        "file:, a relative path",
        "file://host/checkpoints, a file has no host",
        "s3:/pictures, two slashes",
        "s3:pictures, two slashes",
        "s3://, a bucket has",
        "s3:///millrace, a bucket has",
        "s3://Pictures/millrace, a bucket has",
        "s3://key:secret@pictures/millrace, AWS_ACCESS_KEY_ID",
        "s3://127.0.0.1:9000/pictures, millrace.checkpoints.s3.endpoint",
        "s3://pictures/a b, a prefix has",
        "s3://pictures/../others, a prefix has",
        "s3://pictures//a, a prefix has",
        "s3://pictures/a?versionId=1, a prefix has",
        "ftp://host/checkpoints, there is no store of the kind \"ftp\"",
        "https://pictures.s3.amazonaws.com/a, there is no store of the kind \"https\"",
        "S3://pictures, there is no store of the kind \"S3\""
    })
    void whatIsNoAddressIsRefusedWithTheRemedy(String address, String why) {
        assertThatThrownBy(() -> StoreAddress.of(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("\"" + address + "\"", why, "Write file:/absolute/path or s3://bucket/prefix");
    }
}
