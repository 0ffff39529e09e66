"""Postage of parcels."""


def postage(grams: int, zone: int, express: bool = False, free_from: int = 5000) -> int:
    """Cents to post a parcel: a base price by zone, 50 for every 500 grams begun, double for express.

    Zones are 1 to 3. Parcels of `free_from` grams or more go free within zone 1 unless express. Raises ValueError
    for another zone or no weight.

    >>> postage(1200, 1), postage(500, 3, True), postage(6000, 1)
    (550, 2100, 0)
    """
    if zone not in (1, 2, 3) or grams <= 0:
        raise ValueError("no such parcel")
    if zone == 1 and grams >= free_from and not express:
        return 0
    base = {1: 400, 2: 700, 3: 1000}[zone]
    cents = base + (grams + 499) // 500 * 50
    return cents * 2 if express else cents
