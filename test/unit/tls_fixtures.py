#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tls_fixtures.py -- makes tls_fixtures.h: the certificates and keys of the TLS tests.

The header is kept; this is how it was made (python3-cryptography).  Everything in it is for
tests alone; the time of the tests is 2027-01-15.
"""
import datetime
import ipaddress
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

P8 = serialization.PrivateFormat.PKCS8
OLD = serialization.PrivateFormat.TraditionalOpenSSL
OPEN = serialization.NoEncryption()
FROM = datetime.datetime(2026, 6, 1)
TO = datetime.datetime(2056, 6, 1)
NAMES = [x509.DNSName("www.example.test"), x509.DNSName("*.wild.example.test"),
         x509.IPAddress(ipaddress.ip_address("192.0.2.10")),
         x509.IPAddress(ipaddress.ip_address("2001:db8::10"))]


def name(cn):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "upkeep tests"),
                      x509.NameAttribute(NameOID.COMMON_NAME, cn)])


def cert(cn, key, issuer=None, issuer_key=None, ca=False, names=None, start=FROM, end=TO):
    """A certificate; without an issuer it signs itself."""
    b = (x509.CertificateBuilder().subject_name(name(cn))
         .issuer_name(issuer.subject if issuer else name(cn))
         .public_key(key.public_key()).serial_number(x509.random_serial_number())
         .not_valid_before(start).not_valid_after(end)
         .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True))
    if names:
        b = b.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signer = issuer_key or key
    return b.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey)
                  else hashes.SHA256())


def p256():
    return ec.generate_private_key(ec.SECP256R1())


def pem(c):
    return c.public_bytes(serialization.Encoding.PEM).decode()


def private(key, form=P8, lock=OPEN):
    return key.private_bytes(serialization.Encoding.PEM, form, lock).decode()


def emit(out, symbol, text):
    out.write(f"#define FIXTURE_{symbol} \\\n")
    lines = text.strip().split("\n")
    for line in lines:
        out.write(f'\t"{line}\\n"' + (" \\\n" if line is not lines[-1] else "\n\n"))


def main():
    ca_key, other_key, mid_key, server_key = p256(), p256(), p256(), p256()
    ca_rsa_key = rsa.generate_private_key(65537, 2048)
    rsa_key = rsa.generate_private_key(65537, 2048)
    ed_key = ed25519.Ed25519PrivateKey.generate()
    p384_key = ec.generate_private_key(ec.SECP384R1())
    k1_key = ec.generate_private_key(ec.SECP256K1())
    ca = cert("CA", ca_key, ca=True)
    ca_rsa = cert("CA of RSA", ca_rsa_key, ca=True)
    mid = cert("between", mid_key, ca, ca_key, ca=True)
    day = datetime.timedelta(days=1)
    leaf = {"names": NAMES}
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("/* SPDX-License-Identifier: MIT */\n/* tls_fixtures.h -- made by "
                  "tls_fixtures.py: certificates and keys for tests alone. */\n"
                  "#ifndef TLS_FIXTURES_H\n#define TLS_FIXTURES_H\n\n")
        emit(out, "CA", pem(ca))
        emit(out, "CA_RSA", pem(ca_rsa))
        emit(out, "OTHER_CA", pem(cert("somebody else", other_key, ca=True)))
        emit(out, "FALSE_CA", pem(cert("CA", other_key, ca=True)))  # the name, not the key
        emit(out, "SERVER", pem(cert("www", server_key, ca, ca_key, **leaf)))
        emit(out, "SERVER_KEY", private(server_key))
        emit(out, "SERVER_KEY_SEC1", private(server_key, OLD))
        emit(out, "RSA", pem(cert("rsa", rsa_key, ca_rsa, ca_rsa_key, **leaf)))
        emit(out, "RSA_KEY", private(rsa_key))
        emit(out, "RSA_KEY_PKCS1", private(rsa_key, OLD))
        emit(out, "RSA_KEY_LOCKED",
             private(rsa_key, P8, serialization.BestAvailableEncryption(b"x")))
        emit(out, "RSA_KEY_LOCKED_OLD",
             private(rsa_key, OLD, serialization.BestAvailableEncryption(b"x")))
        emit(out, "EXPIRED", pem(cert("www", server_key, ca, ca_key, end=FROM + day, **leaf)))
        emit(out, "EARLY", pem(cert("www", server_key, ca, ca_key, start=TO - day, **leaf)))
        emit(out, "SELF", pem(cert("www", server_key, **leaf)))
        emit(out, "MID", pem(mid))
        emit(out, "MID_EXPIRED",
             pem(cert("between", mid_key, ca, ca_key, ca=True, end=FROM + day)))
        emit(out, "MID_SERVER", pem(cert("www", server_key, mid, mid_key, **leaf)))
        emit(out, "NO_NAMES", pem(cert("www.example.test", server_key, ca, ca_key)))
        emit(out, "BY_SERVER", pem(cert("www", server_key, cert("www", server_key, ca, ca_key),
                                        server_key, **leaf)))
        emit(out, "P384", pem(cert("p384", p384_key, ca, ca_key, **leaf)))
        emit(out, "P384_KEY", private(p384_key))
        weak = rsa.generate_private_key(65537, 1024)
        emit(out, "WEAK", pem(cert("weak", weak, ca, ca_key, **leaf)))
        emit(out, "WEAK_KEY", private(weak))
        emit(out, "ED25519", pem(cert("ed", ed_key)))
        emit(out, "ED25519_KEY", private(ed_key))
        emit(out, "SECP256K1", pem(cert("k1", k1_key)))
        emit(out, "SECP256K1_KEY", private(k1_key))
        pin = hashes.Hash(hashes.SHA256())
        pin.update(server_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
        import base64
        out.write(f'#define FIXTURE_PIN "sha256//{base64.b64encode(pin.finalize()).decode()}"\n')
        out.write("\n#endif\n")


main()
