import Glibc

/// How many descriptors this process may have open at once (`ulimit -n`).
package enum DescriptorLimit {
  /// Raises the limit as far as one may without asking anybody.
  ///
  /// - Returns: What it is then.
  package static func raise() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(kind, &limit) == 0 else { return 1_024 }
    var higher = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
    if limit.rlim_cur < limit.rlim_max, unsafe setrlimit(kind, &higher) == 0 { limit = higher }
    return Int(clamping: limit.rlim_cur)
  }

  private static var kind: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
