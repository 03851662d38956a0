// AWS's Java core on a raw file of float32 rows: AwsForest FILE ROWS COLUMNS TREES SAMPLES THREADS REPEATS SCORES TRAIN_ROWS.
// Training is its way: the first TRAIN_ROWS rows stream through every tree's sampler. Scoring: rows over threads.
import com.amazon.randomcutforest.RandomCutForest;
import com.sun.management.OperatingSystemMXBean;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

public class AwsForest {
  public static void main(String[] a) throws Exception {
    int rows = Integer.parseInt(a[1]), columns = Integer.parseInt(a[2]), threads = Integer.parseInt(a[5]);
    float[][] x = read(a[0], rows, columns);
    StringBuilder train = new StringBuilder(), score = new StringBuilder(), cpu = new StringBuilder();
    double[] scores = new double[rows];
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    for (int r = 0; r < Integer.parseInt(a[6]); r++) {
      long start = System.nanoTime(), cpuStart = system.getProcessCpuTime();
      RandomCutForest forest = RandomCutForest.builder().dimensions(columns).shingleSize(1)
          .numberOfTrees(Integer.parseInt(a[3])).sampleSize(Integer.parseInt(a[4])).timeDecay(0).randomSeed(1)
          .parallelExecutionEnabled(false).build();
      for (int i = 0; i < Integer.parseInt(a[8]); i++) forest.update(x[i]);
      long middle = System.nanoTime();
      IntStream.range(0, threads).parallel().forEach(t -> {
        for (int i = (int) ((long) rows * t / threads); i < (int) ((long) rows * (t + 1) / threads); i++) {
          scores[i] = forest.getAnomalyScore(x[i]);
        }
      });
      long end = System.nanoTime();
      train.append(r == 0 ? "" : ", ").append((middle - start) * 1e-9);
      score.append(r == 0 ? "" : ", ").append((end - middle) * 1e-9);
      cpu.append(r == 0 ? "" : ", ").append((system.getProcessCpuTime() - cpuStart) * 1e-9);
    }
    ByteBuffer out = ByteBuffer.allocate(rows * 8).order(ByteOrder.LITTLE_ENDIAN);
    out.asDoubleBuffer().put(scores);
    Files.write(Path.of(a[7]), out.array());
    System.out.println("{\"train\": [" + train + "], \"score\": [" + score + "], \"cpu\": [" + cpu + "]}");
  }

  static float[][] read(String path, int rows, int columns) throws Exception {
    float[][] x = new float[rows][columns];
    try (FileChannel file = new RandomAccessFile(path, "r").getChannel()) {
      ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, 4L * rows * columns).order(ByteOrder.LITTLE_ENDIAN);
      for (float[] row : x) for (int c = 0; c < columns; c++) row[c] = bytes.getFloat();
    }
    return x;
  }
}
