"""Makes the two event files of this example out of the tracks in the tracktable-data package (PyPI, 1.7.3.1):

    pip install tracktable-data==1.7.3.1 pyarrow
    python make_data.py PATH/TO/tracktable_data/python_example_data

The source is the US Coast Guard's AIS (MarineCadastre), a US government work in the public domain: position reports of
140 vessels in New York harbour, 1-8 December 2020. Columns are renamed and sorted; no value is changed and no row left out.
"""
import datetime
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as parquet

FILES = {"NYHarbor_2020_12_first_week.traj": "nyharbor_2020_12_01_07.parquet",
         "NYHarbor_2020_12_08.traj": "nyharbor_2020_12_08.parquet"}


def rows_of(path):
    """A .traj line is a trajectory: 11 fields of header (the 4th counts its points), then 4 fields a point:
    vessel, time, longitude, latitude."""
    for line in path.read_text().splitlines():
        fields = line.split(",")
        for i in range(11, 11 + 4 * int(fields[3]), 4):
            vessel, time, longitude, latitude = fields[i : i + 4]
            yield int(vessel), datetime.datetime.fromisoformat(time), float(latitude), float(longitude)


def write(table, path):
    table = table.sort_by([("sensor_id", "ascending"), ("timestamp", "ascending")])
    parquet.write_table(table, path, compression="zstd", compression_level=19, use_dictionary=["sensor_id"],
                        column_encoding={"timestamp": "DELTA_BINARY_PACKED", "latitude": "BYTE_STREAM_SPLIT",
                                         "longitude": "BYTE_STREAM_SPLIT"}, store_schema=False)


def main(folder):
    for source, target in FILES.items():
        columns = list(zip(*rows_of(pathlib.Path(folder) / source)))
        table = pa.table({"sensor_id": pa.array(columns[0], pa.int64()),
                          "timestamp": pa.array(columns[1], pa.timestamp("us", tz="UTC")),
                          "latitude": pa.array(columns[2], pa.float64()),
                          "longitude": pa.array(columns[3], pa.float64())})
        write(table, pathlib.Path(__file__).parent / target)


if __name__ == "__main__":
    main(sys.argv[1])
