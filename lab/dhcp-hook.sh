#!/bin/sh
# What a plain DHCP client's script does: address and default route in the main table, with the metric $METRIC.
# Each line on stdout tells the lab what happened.
case "$1" in
  deconfig)
    ip link set "$interface" up
    ip -4 address flush dev "$interface" scope global
    ;;
  bound | renew)
    for old in $(ip -4 -o address show dev "$interface" scope global | awk '{ print $4 }'); do
      [ "$old" = "$ip/$mask" ] || ip address delete "$old" dev "$interface"
    done
    ip address replace "$ip/$mask" broadcast + dev "$interface"
    for gateway in $router; do
      ip route replace default via "$gateway" dev "$interface" proto dhcp metric "$METRIC"
      break
    done
    ;;
esac
echo "dhcp $1 $interface ${ip:-}"
