import CohortLog
import CohortModel
import CohortServer
import TestSupport
import Testing

@Suite struct SecretTests {
  @Test func `a secret has the word of its kind and 256 random bits`() {
    for kind in KeyKind.allCases {
      let secrets = (0..<64).map { _ in Secret.make(kind) }
      #expect(Set(secrets).count == 64)
      for secret in secrets {
        #expect(secret.starts(with: kind.prefix.utf8))
        #expect(secret.count == kind.prefix.utf8.count + 43)
      }
    }
  }

  @Test func `the letters are base64url of the bytes`() {
    struct Counting: RandomSource {
      func fill(_ bytes: inout OutputSpan<UInt8>) {
        var next: UInt8 = 0xF8
        while bytes.freeCapacity > 0 {
          bytes.append(next)
          next &+= 1
        }
      }
    }
    let secret = String(decoding: Secret.make(.rest, from: Counting()), as: UTF8.self)
    // base64url of F8 F9 … FF 00 … 17, by another implementation.
    #expect(secret == "rk--Pn6-_z9_v8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhc")
  }
}
