package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PublisherTest {
    private static void fail() {
        throw new RunDirectoryException(Path.of("run"), "the disk is full");
    }

    @Test
    void theCallerGoesOnWhileResultsArePublishedInOrder() {
        List<Integer> published = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        try (Publisher publisher = new Publisher()) {
            publisher.publish(() -> {
                await(begun);
                published.add(1);
            });
            publisher.publish(() -> published.add(2));
            assertThat(begun.getCount()).isEqualTo(1);
            begun.countDown();
            publisher.settle();
            assertThat(published).containsExactly(1, 2);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatFailsIsThrownWhenItIsWaitedFor() {
        try (Publisher publisher = new Publisher()) {
            publisher.publish(PublisherTest::fail);
            assertThatThrownBy(publisher::settle).hasMessageContaining("the disk is full");
        }
    }

    @Test
    void whatFailsIsThrownAtTheEnd() {
        Publisher publisher = new Publisher();
        publisher.publish(PublisherTest::fail);
        assertThatThrownBy(publisher::close).hasMessageContaining("the disk is full");
    }

    @Test
    void whatFailedIsThrownAtTheNextPublication() {
        try (Publisher publisher = new Publisher()) {
            CountDownLatch given = new CountDownLatch(1);
            CountDownLatch after = new CountDownLatch(1);
            publisher.publish(() -> {
                await(given);
                fail();
            });
            publisher.publish(after::countDown);
            given.countDown();
            await(after);
            assertThatThrownBy(() -> publisher.publish(() -> {})).hasMessageContaining("the disk is full");
        }
    }
}
