import CohortHTTP
import CohortModel

extension Service {
  /// From where a request comes (RULES §9): the peer's address, or, behind a trusted proxy, the
  /// last address in `X-Forwarded-For` that is not a proxy's.
  ///
  /// - Returns: `nil` for a process on this machine, and behind a proxy that does not say; who has
  ///   no address is in no network.
  func address(of head: RequestHead) -> NetworkAddress? {
    guard let peer = head.peer.address else { return nil }
    let proxies = settings.trustedProxies
    func isProxy(_ address: NetworkAddress) -> Bool { proxies.contains { $0.contains(address) } }
    guard isProxy(peer) else { return peer }
    for field in head.headers["x-forwarded-for"].reversed() {
      for part in field.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .reversed()
      {
        let text = String(decoding: part.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
        guard let address = NetworkAddress(text) else { return nil }
        if !isProxy(address) { return address }
      }
    }
    // A proxy is never the caller: what is open to its own address is not open to all behind it.
    return nil
  }
}

extension Peer {
  /// `nil` for a process on this machine.
  var address: NetworkAddress? {
    guard case .address(let bytes, _) = self else { return nil }
    func word(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4: return NetworkAddress(ipv4: UInt32(truncatingIfNeeded: word(0..<4)))
    case 16: return NetworkAddress(high: word(0..<8), low: word(8..<16))
    default: return nil
    }
  }
}
