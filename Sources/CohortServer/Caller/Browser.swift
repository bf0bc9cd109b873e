import CohortHTTP
import CohortModel

// What a browser says of a request, and whether it is to be believed that the console's own page
// has sent it. A cookie goes with whatever is sent to its host, whoever had it sent:
//
//     method        Cohort-Console   Sec-Fetch-Site        Origin
//     GET, HEAD     any              same-origin or none   own        where they are sent
//     all others    1                same-origin           own
//
// A page from elsewhere cannot add `Cohort-Console` without asking first, and is told no.

extension Service {
  /// Whether the console's own page, or somebody who writes all fields himself, has sent it.
  func isOwn(_ head: RequestHead) -> Bool {
    let onlyReads = head.method == .get || head.method == .head
    let sites = head.headers["sec-fetch-site"]
    for site in sites {
      guard site.elementsEqual("same-origin".utf8) || onlyReads && site.elementsEqual("none".utf8)
      else { return false }
    }
    let origins = head.headers["origin"]
    guard sites.count <= 1, origins.count <= 1 else { return false }
    for origin in origins {
      guard isOwnOrigin(origin, head) else { return false }
    }
    return onlyReads || head.headers.only("cohort-console").map { $0 == [0x31] } ?? false
  }

  /// Whether an origin is where the request went to: `https://host:port`, no more.
  private func isOwnOrigin(_ origin: [UInt8], _ head: RequestHead) -> Bool {
    guard let host = host(of: head) else { return false }
    let schemes = isEncrypted(head) ? ["https"] : ["http", "https"]
    return schemes.contains { scheme in
      origin.map(Self.lowercase).elementsEqual("\(scheme)://".utf8 + host.map(Self.lowercase))
    }
  }

  /// As the browser knows it: a trusted proxy may have put another in its place.
  func host(of head: RequestHead) -> [UInt8]? {
    if isFromProxy(head), !head.headers["x-forwarded-host"].isEmpty {
      return head.headers.only("x-forwarded-host")
    }
    return head.headers.only("host")
  }

  /// Whether a trusted proxy says that it was spoken to in TLS.
  func isEncrypted(_ head: RequestHead) -> Bool {
    isFromProxy(head)
      && head.headers.only("x-forwarded-proto").map { $0.elementsEqual("https".utf8) } ?? false
  }

  private func isFromProxy(_ head: RequestHead) -> Bool {
    guard let peer = head.peer.address else { return false }
    return settings.trustedProxies.contains { $0.contains(peer) }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
