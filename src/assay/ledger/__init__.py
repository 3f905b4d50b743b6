"""The ledger: exact bytes in a Merkle tree, signed checkpoints, proofs, bundles and their verification.

Needs ``cryptography`` and nothing else, so that an auditor can run it alone: ``python -m assay.ledger.verify BUNDLE``.
"""

from __future__ import annotations
