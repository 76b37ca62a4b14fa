"""Damages DER in ways that openssl does not offer.

    der.py flip-last-bit FILE             flips the lowest bit of the last byte
    der.py change-private-exponent FILE   adds 2 to d of a PKCS#1 key

The result goes to standard output.
"""

import sys


def main():
    command, file = sys.argv[1:]
    with open(file, "rb") as source:
        der = source.read()
    change = {
        "flip-last-bit": flip_last_bit,
        "change-private-exponent": change_private_exponent,
    }[command]
    sys.stdout.buffer.write(change(der))


def flip_last_bit(der):
    return der[:-1] + bytes([der[-1] ^ 1])


def change_private_exponent(der):
    # RSAPrivateKey: version, n, e, d, p, q, d mod (p-1), d mod (q-1), 1/q mod p
    integers = split_integers(der)
    integers[3] += 2
    body = b"".join(encode(0x02, signed_bytes(value)) for value in integers)
    return encode(0x30, body)


def split_integers(der):
    _, body, _ = decode(der)
    integers = []
    while body:
        _, content, body = decode(body)
        integers.append(int.from_bytes(content, "big", signed=True))
    return integers


def signed_bytes(value):
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def encode(tag, content):
    if len(content) < 0x80:
        length = bytes([len(content)])
    else:
        octets = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + length + content


def decode(der):
    """Splits off the first element: its tag, its content, and what follows it."""
    length, start = der[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(der[2:start], "big")
    end = start + length
    return der[0], der[start:end], der[end:]


main()
