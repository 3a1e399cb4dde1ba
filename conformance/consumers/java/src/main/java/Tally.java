import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Counts records "KEY NUMBER": each key's numbers have to come from 1 on, each once. */
final class Tally {
    private final Map<String, Integer> last = new HashMap<>();
    private final CountDownLatch missing;
    private final int all;
    private int wrong;

    Tally(int all) {
        this.all = all;
        missing = new CountDownLatch(all);
    }

    synchronized void add(String record) {
        String[] parts = record.split(" ");
        int want = last.getOrDefault(parts[0], 0) + 1;
        int number = Integer.parseInt(parts[1]);
        if (number != want) {
            wrong++;
            System.err.printf("key %s: record %d in the place of %d%n", parts[0], number, want);
        }
        last.put(parts[0], Math.max(number, want - 1));
        missing.countDown();
    }

    /** Waits for all records and a second more, says what came, and reports whether that was right. */
    boolean await(int seconds) throws InterruptedException {
        boolean complete = missing.await(seconds, TimeUnit.SECONDS);
        Thread.sleep(1000);
        synchronized (this) {
            int sum = last.values().stream().mapToInt(Integer::intValue).sum();
            System.out.printf("%d of %d records of %d keys, %d out of place%n", sum, all, last.size(), wrong);
            return complete && wrong == 0 && sum == all;
        }
    }
}
