# A modem on a serial line: answers AT commands, and with ATD becomes the provider's end of PPP.
# at-modem.sh TTY PPPD-OPTION…
tty=$1
shift
exec <"$tty" >"$tty"
# A command ends with a carriage return.
stty raw -echo icrnl
while IFS= read -r line; do
  case ${line^^} in
    *ATD*)
      printf '\r\nCONNECT 100000000\r\n'
      exec pppd nodetach noauth local nocrtscts passive nodefaultroute "$@"
      ;;
    *AT+CSQ) printf '\r\n+CSQ: 19,99\r\n\r\nOK\r\n' ;;
    *AT*) printf '\r\nOK\r\n' ;;
  esac
done
