"""Invents the flats of this example: python3 make_data.py > flats.csv gives the same file again."""
import csv
import datetime
import random
import sys

DISTRICTS = {"Harbour": 14.5, "Old Town": 16.0, "Garden Hill": 13.0, "Station": 11.0, "Mill Park": 10.0}


def flat(draw, number, building):
    district, floors, year, lift = building
    rooms = draw.choice([1, 1, 2, 2, 2, 3, 3, 4, 5])
    area = round(max(18, 16 + 19 * rooms + draw.gauss(0, 7)), 1)
    floor = draw.randint(0, floors)
    listed = datetime.date(2024, 1, 1) + datetime.timedelta(days=draw.randrange(540))
    rent = area * DISTRICTS[district] * (1 + 0.0006 * (listed - datetime.date(2024, 1, 1)).days)
    rent += 90 + 0.5 * max(0, year - 1970) + (12 * floor if lift else -15 * floor)
    rent *= draw.gauss(1, 0.05)
    checks = draw.choice([1, 1, 1, 2, 3])  # how many people have looked at the entry
    return [f"flat-{number:04}", listed.isoformat(), district, f"{district} {building[1] * 31 + year}", rooms, area, floor,
            "yes" if lift else "no", year if draw.random() > 0.08 else "", checks, round(rent)]


def main():
    draw = random.Random(12)
    buildings = [(draw.choice(list(DISTRICTS)), draw.randint(2, 8), draw.randint(1900, 2022), draw.random() < 0.6) for _ in range(120)]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["id", "listed", "district", "building", "rooms", "area", "floor", "lift", "built", "checks", "rent"])
    for number in range(900):
        out.writerow(flat(draw, number, draw.choice(buildings)))


if __name__ == "__main__":
    main()
