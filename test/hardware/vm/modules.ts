/** The modules that the guest may load; what they depend on comes along. */
export const modules: readonly string[] = `
  9p 9pnet_virtio overlay virtio_rng virtio_net e1000

  cfg80211 mac80211 mac80211_hwsim rfkill
  ccm gcm cmac ctr cbc aesni_intel aes_generic sha256_generic sha512_generic hmac ecb arc4 michael_mic crc32c_generic

  xhci_pci usbnet rndis_host cdc_ether cdc_ncm cdc_mbim cdc_acm cdc_wdm qmi_wwan ipheth
  vhci_hcd dummy_hcd libcomposite usb_f_rndis usb_f_ecm usb_f_ncm u_ether

  wwan ppp_generic ppp_async ppp_deflate bsd_comp slhc tun
  bluetooth hci_vhci bnep algif_hash algif_skcipher ecdh_generic ecc

  dummy ifb veth bridge
  sch_netem sch_cake sch_fq_codel sch_htb sch_tbf sch_ingress sch_fq sch_prio act_mirred act_police
  cls_u32 cls_matchall cls_flower cls_fw cls_basic

  nf_tables nft_chain_nat nft_masq nft_nat nft_redir nft_ct nft_limit nft_log nft_reject nft_reject_inet
  nft_fib nft_fib_inet nft_fib_ipv4 nft_fib_ipv6 nft_hash nft_numgen nft_quota nft_socket nft_tproxy nft_connlimit
  nft_flow_offload nf_conntrack nf_nat nfnetlink nf_conntrack_netlink nf_log_syslog

  af_packet inet_diag tcp_diag udp_diag unix_diag
`
  .split(/\s+/u)
  .filter(Boolean);
